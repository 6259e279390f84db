import { z } from 'zod';
import type { NewEvent } from '#contracts/contract';
import { v1, v2 } from '#contracts/recommendations';
import type { Derived } from '#contracts/recommendations';
import { Instant, Sku } from '#contracts/values';
import { CartCheckedOut, ProductViewed } from '#contracts/visitors';
import { processor } from '#log/processor';
import { LINGER_MS } from './counts.ts';

/** A visit ends when the visitor has been silent for so long; views further apart are no pair. */
const VISIT_MS = 30 * 60_000;
/** A product pairs with so many of those looked at just before it. */
const NEIGHBOURS = 7;
/** Whoever looks at more products in a visit is a bot, and teaches nothing. */
export const BOT_LIMIT = 60;
/** Products of an order that are paired: 90 events at most. */
const ORDER_LIMIT = 10;

const Visit = z.object({
  /** Each product once, the one looked at last at the end. */
  viewed: z.array(z.object({ sku: Sku, at: Instant })).max(BOT_LIMIT),
  isBot: z.boolean(),
});
type Visit = z.output<typeof Visit>;

/** Re-keys what a visitor looked at and bought to the products: who goes with whom. */
function coViewsBy(name: string, derived: Derived, dateOf: DateOf) {
  const { ProductSeen, SeenTogether, BoughtTogether } = derived;
  return processor({
    name,
    version: 1,
    reads: [ProductViewed, CartCheckedOut],
    appends: [ProductSeen, SeenTogether, BoughtTogether],
    state: Visit,
    initial: null,
    lingerMs: LINGER_MS,
    on(visit, event) {
      switch (event.type) {
        case ProductViewed.type: {
          const before = visit ?? { viewed: [], isBot: false };
          return view(before, event.data.sku, event.time, derived, dateOf);
        }
        case CartCheckedOut.type: {
          if (visit?.isBot || event.data.optedOut) return;
          const skus = [...new Set(event.data.skus)].slice(0, ORDER_LIMIT);
          const date = dateOf(event.time);
          return { append: skus.flatMap((sku) => boughtWith(sku, skus, derived, date)) };
        }
      }
    },
    wake: () => ({ state: null }),
  });
}

export const coViews = coViewsBy('recommendations.co-views', v1, () => ({}));
/**
 * The same for the second release, which says when it was: what it makes of the log is the same whenever it
 * is started. What goes with what is judged by the ranking, not here.
 */
export const coViewsV2 = coViewsBy('recommendations.co-views.v2', v2, (at) => ({ at }));

/** What an event says of when it was, at log time `at` (ms). */
type DateOf = (at: number) => { at?: number };

function view(
  visit: Visit,
  sku: string,
  at: number,
  { ProductSeen, SeenTogether }: Derived,
  dateOf: DateOf,
): { state: Visit; append: NewEvent[]; wakeAt: number } {
  const wakeAt = at + VISIT_MS;
  const others = visit.viewed.filter((other) => other.sku !== sku);
  const isKnown = others.length < visit.viewed.length;
  const isBot = visit.isBot || others.length >= BOT_LIMIT;
  if (isBot) return { state: { viewed: [], isBot }, append: [], wakeAt };
  const state = { viewed: [...others, { sku, at }], isBot };
  // A pair counts when its second product is new to the visit, so once, however often one goes
  // back and forth.
  if (isKnown) return { state, append: [], wakeAt };
  const near = others.slice(-NEIGHBOURS).filter((other) => at - other.at < VISIT_MS);
  const date = dateOf(at);
  const pairs = near.flatMap((other) => [
    SeenTogether({ sku, other: other.sku, ...date }),
    SeenTogether({ sku: other.sku, other: sku, ...date }),
  ]);
  return { state, append: [ProductSeen({ sku, ...date }), ...pairs], wakeAt };
}

function boughtWith(
  sku: string,
  skus: readonly string[],
  { BoughtTogether }: Derived,
  date: { at?: number },
): NewEvent[] {
  const others = skus.filter((other) => other !== sku);
  return others.map((other) => BoughtTogether({ sku, other, ...date }));
}
