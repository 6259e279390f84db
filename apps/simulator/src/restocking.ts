import type { Dice } from './dice.ts';

/** A product as a supplier sees it from the shop floor. */
export interface Shelf {
  readonly sku: string;
  readonly name: string;
  readonly category: string;
  readonly available: number;
}

export interface Delivery {
  readonly supplier: string;
  readonly items: { readonly sku: string; readonly quantity: number }[];
}

/** How many looks in a row found a product low. */
export type LowLooks = ReadonlyMap<string, number>;

/** Few enough that somebody reads "only 2 left" before the lorry comes. */
const LOW = 2;
/** One look may meet a shop that has not caught up with the log yet, so it takes a second one. */
const SURE = 2;
/** A delivery that does not show after so many looks is taken for lost. */
const LOST = 10;

/** What is low now, and what the suppliers bring for it: one delivery a category. */
export function restock(
  shelves: readonly Shelf[],
  before: LowLooks,
  dice: Dice,
): { low: LowLooks; deliveries: Delivery[] } {
  const low = new Map<string, number>();
  const deliveries = new Map<string, Delivery>();
  for (const { sku, category, available } of shelves) {
    if (available > LOW) continue;
    const looks = (before.get(sku) ?? 0) + 1;
    low.set(sku, looks);
    if (looks % LOST !== SURE) continue;
    const delivery = deliveries.get(category) ?? { supplier: `${category} wholesale`, items: [] };
    delivery.items.push({ sku, quantity: dice.between(15, 45) });
    deliveries.set(category, delivery);
  }
  return { low, deliveries: [...deliveries.values()] };
}
