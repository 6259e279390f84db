import type { NewEvent } from '#contracts/contract';
import { ProductViewed } from '#contracts/visitors';

/** Different visitors in the events of the benches. */
export const VISITORS = 20_000;

const visitorIdOf = (n: number) => `b0000000-0000-4000-8000-${String(n).padStart(12, '0')}`;

/** What the tag sends with the nth hit of all, of visitor n modulo VISITORS. */
export function hit(n: number) {
  const visitor = n % VISITORS;
  return {
    visitorId: visitorIdOf(visitor),
    sessionId: `s-${visitor}`,
    tab: `t-${visitor}`,
    hit: Math.floor(n / VISITORS) + 1,
    site: 'shop',
    url: 'http://localhost:4000/products/SLED-01',
  };
}

/** The nth product view. */
export function view(n: number): NewEvent {
  return ProductViewed({ ...hit(n), sku: `SLED-${10 + (n % 80)}` });
}

/** `count` product views from the nth on. */
export function views(from: number, count: number): NewEvent[] {
  return Array.from({ length: count }, (_, i) => view(from + i));
}

/** Posts hits as the tag does. Throws unless the collector, or what stands for it, has taken them. */
export async function collect(url: string, hits: object): Promise<void> {
  const answer = await fetch(`${url}/collect`, { method: 'POST', body: JSON.stringify(hits) });
  if (answer.status !== 204) throw new Error(`POST /collect answers with ${answer.status}.`);
}
