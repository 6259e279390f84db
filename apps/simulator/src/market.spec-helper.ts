import { Mind } from './mind.ts';
import type { Shopper } from './shopper.ts';
import type { Taste } from './tastes.ts';
import { visit } from './visit.ts';
import type { Deed, Outcome, Sight } from './visit.ts';

/** What is for sale in specs: 20 tastes of 6 products. */
export const aMarket = {
  tastes: Array.from({ length: 20 }, (_, group): Taste =>
    Array.from({ length: 6 }, (_p, index) => ({
      sku: `TEST-${group}-${index}`,
      name: `Lantern ${group}`,
    })),
  ),
};

export interface Market {
  cents?: number;
  available?: (sku: string) => number;
  /** A coupon comes up when a cart is there and somebody thinks for longer than this. */
  couponAfterMs?: number;
  percent?: number;
}

export interface Walked {
  readonly deeds: readonly Deed[];
  readonly outcome: Outcome;
  readonly mind: Mind;
}

/** A whole visit in a shop as simple as can be: a cart, a price for everything, a coupon. */
export function walk(shopper: Shopper, market: Market = {}, seed = 'spec'): Walked {
  const { cents = 6_000, available = () => 20, couponAfterMs = Infinity, percent = 10 } = market;
  const mind = new Mind(seed, shopper);
  const deeds: Deed[] = [];
  const cart: string[] = [];
  let offered = false;
  const story = visit(mind, aMarket.tastes);
  let next = story.next();
  while (!next.done) {
    const deed = next.value;
    deeds.push(deed);
    if (deed.do === 'add') cart.push(deed.sku);
    if (deed.do === 'remove') cart.splice(cart.indexOf(deed.sku), 1);
    const ordered: boolean = deed.do === 'order' && cart.splice(0).length > 0;
    const comesUp: boolean =
      !offered && cart.length > 0 && deed.do === 'think' && deed.ms > couponAfterMs;
    offered ||= comesUp;
    const sight: Sight = {
      product: deed.do === 'look' ? { available: available(deed.sku) } : null,
      cartCents: cart.length * cents,
      coupon: comesUp ? { code: 'STAY-10', percent } : null,
      ordered,
    };
    next = story.next(sight);
  }
  return { deeds, outcome: next.value, mind };
}
