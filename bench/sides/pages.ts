import { setTimeout as pause } from 'node:timers/promises';
import { putInCart } from '../cart.ts';
import { collect, hit } from '../hits.ts';
import { serve, settings } from '../serve.ts';
import type { Measures } from '../serve.ts';
import { percentile } from '../statistics.ts';

/*
 * 200 shoppers, each with another page every ten seconds: what is popular, a product, and now and then
 * into the cart; and what the tag of each page tells the collector, which is not timed. From `begin` until
 * `end`; nobody waits for anybody else.
 */

const SHOPPERS = 200;
const PER_SECOND = 20;
/** Every so many-th page puts the product in the cart. */
const BUYS = 10;

const { shopUrl, collectorUrl, sku } = settings<{
  shopUrl: string;
  collectorUrl: string;
  sku: string;
}>();
const tookMs: number[] = [];
let told = 0;
let failed = 0;
let open = false;
let coming: Promise<unknown> = Promise.resolve();

serve(async ({ tell }: { tell: 'begin' | 'end' }): Promise<Measures> => {
  if (tell === 'begin') {
    tookMs.length = failed = 0;
    open = true;
    coming = come();
    return {};
  }
  open = false;
  await coming;
  return { p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99), failed };
});

async function come(): Promise<void> {
  const began = performance.now();
  const loads: Promise<void>[] = [];
  for (let n = 0; open; n += 1) {
    loads.push(load(n));
    await pause(Math.max(0, began + ((n + 1) * 1000) / PER_SECOND - performance.now()));
  }
  await Promise.all(loads);
}

async function load(n: number): Promise<void> {
  const shopper = n % SHOPPERS;
  const who = { ...hit(shopper), tab: `p-${shopper}` };
  const [path, seen] =
    n % 2 === 0
      ? ['/api/popular', { type: 'PageViewed' }]
      : [`/api/products/${sku}`, { type: 'ProductViewed', sku }];
  const began = performance.now();
  try {
    if (n % BUYS === 0) await putInCart(shopUrl, who.visitorId, sku);
    else await get(path, who.visitorId);
    tookMs.push(performance.now() - began);
    await collect(collectorUrl, { ...who, hit: (told += 1), ...seen });
  } catch {
    failed += 1;
  }
}

async function get(path: string, visitorId: string): Promise<void> {
  const answer = await fetch(`${shopUrl}${path}`, { headers: { cookie: `visitor=${visitorId}` } });
  await answer.arrayBuffer();
  if (answer.status !== 200) throw new Error(`${path} answers with ${answer.status}.`);
}
