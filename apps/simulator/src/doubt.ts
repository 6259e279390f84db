import { personas } from './personas.ts';
import type { Shopper } from './shopper.ts';

/** What somebody with a filled cart has in front of them, and behind. */
export interface Impression {
  /** What the cart says is to be paid, without any coupon. */
  readonly totalCents: number;
  /** Something in the cart is called "only a few left". */
  readonly fewLeft: boolean;
  /** Something wanted was sold out. */
  readonly missed: boolean;
  readonly minutesInShop: number;
}

/** A cart that nobody thinks is dear or cheap. */
const USUAL_CENTS = 6_000;
/** In log-odds. That few are left hurries people, what they missed spoils the rest. */
const weights = { price: 1.2, fewLeft: -0.5, missed: 0.6, time: 0.5, phone: 0.2 } as const;

/**
 * Probability that this cart is left behind: the persona's own, moved in log-odds by what the shop
 * shows. Logistic regression, as a model that learns from the log would assume.
 */
export function chanceToLeave(
  shopper: Pick<Shopper, 'persona' | 'priceSensitivity' | 'patience' | 'device'>,
  { totalCents, fewLeft, missed, minutesInShop }: Impression,
): number {
  const { abandonment } = personas[shopper.persona];
  if (abandonment >= 1) return 1;
  const logOdds =
    Math.log(abandonment / (1 - abandonment)) +
    weights.price * shopper.priceSensitivity * Math.log(Math.max(totalCents, 1) / USUAL_CENTS) +
    weights.fewLeft * Number(fewLeft) +
    weights.missed * Number(missed) +
    weights.time * (0.5 - shopper.patience) * Math.log1p(minutesInShop) +
    weights.phone * Number(shopper.device === 'phone');
  return 1 / (1 + Math.exp(-logOdds));
}

/**
 * Probability that a coupon keeps somebody who would leave without it: every 10 % off persuade the
 * persona's share of those who are not persuaded yet.
 */
export function chanceToStay({ persona }: Pick<Shopper, 'persona'>, percent: number): number {
  return 1 - (1 - personas[persona].couponEffect) ** (percent / 10);
}
