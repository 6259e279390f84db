import type { Money } from './api.ts';

const euro = new Intl.NumberFormat('en-IE', { style: 'currency', currency: 'EUR' });

/** `{ cents: 1299 }` → `€12.99`. */
export function price(money: Money): string {
  return euro.format(money.cents / 100);
}

/** What somebody typed as an amount, in cents; null when it is none. Takes 4, 4.5 and 4,50. */
export function centsOf(typed: string): number | null {
  const amount = /^\s*(\d{1,6})(?:[.,](\d{1,2}))?\s*$/.exec(typed);
  if (!amount) return null;
  return Number(amount[1]) * 100 + Number((amount[2] ?? '').padEnd(2, '0'));
}

/** Cents as one would type them: 450 → `4.50`, 400 → `4`. */
export function typedFrom(cents: number): string {
  return cents % 100 === 0 ? String(cents / 100) : (cents / 100).toFixed(2);
}
