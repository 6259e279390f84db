import { randomUUID } from 'node:crypto';
import { until } from '../until.ts';

const SKU = 'CAMP-001';
const LIMIT_MS = 60_000;
const PAUSE_MS = 100;

interface Me {
  orders: { orderId: string; status: string }[];
}

/** A visitor orders one product, and waits for it to be confirmed. */
export async function buy(shop: string, visitor: string): Promise<void> {
  const orderId = randomUUID();
  await ask(shop, visitor, 'POST', '/cart/items', { sku: SKU, quantity: 1 });
  const who = { name: visitor, email: `${visitor}@example.org`, address: 'A street' };
  await ask(shop, visitor, 'POST', '/checkout', { orderId, ...who });
  await untilSo(`an order of ${visitor} is confirmed`, async () =>
    (await confirmedOf(shop, visitor)).includes(orderId),
  );
}

/** Throws unless the shop shows so many confirmed orders of a visitor, sooner or later. */
export async function expectConfirmed(shop: string, visitor: string, count: number): Promise<void> {
  await untilSo(
    `${visitor} has ${count} confirmed orders`,
    async () => (await confirmedOf(shop, visitor)).length === count,
  );
}

/** Throws a sentence when it does not come true in time. */
export function untilSo(what: string, isSo: () => Promise<boolean>): Promise<void> {
  const orElse = () => `After ${LIMIT_MS / 1000} s it is not so that ${what}.`;
  return until(isSo, { limitMs: LIMIT_MS, everyMs: PAUSE_MS, orElse });
}

async function confirmedOf(shop: string, visitor: string): Promise<string[]> {
  const { orders } = await ask(shop, visitor, 'GET', '/me');
  // A minute after that it is shipped.
  return orders
    .filter(({ status }) => status === 'confirmed' || status === 'shipped')
    .map(({ orderId }) => orderId);
}

async function ask(shop: string, visitor: string, method: string, path: string, body?: object) {
  const answer = await fetch(`${shop}/api${path}`, {
    method,
    headers: { cookie: `visitor=${visitor}`, 'content-type': 'application/json' },
    ...(body && { body: JSON.stringify(body) }),
  });
  if (!answer.ok) throw new Error(`${method} ${path} is answered ${answer.status}.`);
  return (await answer.json()) as Me;
}
