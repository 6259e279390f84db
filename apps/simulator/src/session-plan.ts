import { Dice } from './dice.ts';
import { tasteOf } from './tastes.ts';
import type { Taste, Wish } from './tastes.ts';

/** What somebody came for. Nobody but the simulator knows it. */
export type Intention = 'buyer' | 'hesitant' | 'window-shopper' | 'bot';

/** One thing done in the shop, after thinking for `afterMs`. */
export type Step = { readonly afterMs: number } & (
  | { readonly do: 'search'; readonly query: string }
  | { readonly do: 'look' | 'add' | 'remove'; readonly sku: string }
  | { readonly do: 'view cart' | 'start checkout' | 'order' | 'turn to leave' | 'leave' }
);

export interface SessionPlan {
  /** The same number is the same person, with the same cookie. */
  readonly visitor: number;
  readonly returning: boolean;
  readonly intention: Intention;
  /** The browser asks for Global Privacy Control. */
  readonly optedOut: boolean;
  readonly steps: readonly Step[];
  /** What happens when a coupon comes up, and after how long. */
  readonly onOffer: { readonly reaction: 'take' | 'dismiss' | 'ignore'; readonly afterMs: number };
}

const intentions = {
  first: { buyer: 30, hesitant: 35, 'window-shopper': 31, bot: 4 },
  returning: { buyer: 55, hesitant: 30, 'window-shopper': 15, bot: 0 },
};
const RETURNING = 0.25;
const OPTED_OUT = 0.03;
/** How many sessions ago a returning visitor was last here. */
const AWAY = { least: 30, most: 150 };

/** The nth session: who comes and what they are going to do. Tastes must not be empty. */
export function planSession(seed: string, n: number, tastes: readonly Taste[]): SessionPlan {
  const dice = new Dice(seed, 'session', n);
  const visitor = visitorOf(seed, n);
  const returning = visitor !== n;
  const intention = dice.weighted(returning ? intentions.returning : intentions.first);
  const basket = { dice, taste: tasteOf(seed, visitor, tastes), tastes };
  return {
    visitor,
    returning,
    intention,
    optedOut: new Dice(seed, 'privacy', visitor).chance(OPTED_OUT),
    steps: [...plans[intention](basket, returning), { do: 'leave', afterMs: think(dice) }],
    onOffer: { reaction: dice.weighted(reactions[intention]), afterMs: dice.between(2_000, 6_000) },
  };
}

/** Arrivals are told apart from their rate: a gap of 1 is one session at the present rate. */
export function gapBefore(seed: string, n: number): number {
  return new Dice(seed, 'gap', n).gap();
}

function visitorOf(seed: string, n: number): number {
  const dice = new Dice(seed, 'visitor', n);
  if (n < AWAY.most || !dice.chance(RETURNING)) return n;
  return visitorOf(seed, n - dice.between(AWAY.least, AWAY.most));
}

const reactions = {
  buyer: { take: 80, dismiss: 5, ignore: 15 },
  hesitant: { take: 60, dismiss: 25, ignore: 15 },
  'window-shopper': { take: 5, dismiss: 65, ignore: 30 },
  bot: { take: 0, dismiss: 0, ignore: 1 },
};

interface Basket {
  readonly dice: Dice;
  readonly taste: Taste;
  readonly tastes: readonly Taste[];
}

const plans: Record<Intention, (basket: Basket, returning: boolean) => Step[]> = {
  buyer(basket, returning) {
    const { dice } = basket;
    const seen = browse(basket, 2, 5);
    return [
      ...(returning ? [viewCart(dice)] : []),
      ...maybeSearch(basket),
      ...seen.flatMap((wish) => [look(dice, wish), ...(dice.chance(0.3) ? [add(dice, wish)] : [])]),
      add(dice, seen[0]!),
      viewCart(dice),
      { do: 'start checkout', afterMs: think(dice) },
      { do: 'order', afterMs: dice.between(8_000, 20_000) },
    ];
  },

  hesitant(basket, returning) {
    const { dice } = basket;
    const seen = browse(basket, 2, 4);
    const wanted = dice.some(seen, dice.between(1, 2));
    const wavers = dice.chance(0.4);
    return [
      ...(returning ? [viewCart(dice)] : []),
      ...seen.map((wish) => look(dice, wish)),
      ...wanted.map((wish) => add(dice, wish)),
      viewCart(dice),
      ...(wavers ? [remove(dice, wanted[0]!), look(dice, wanted[0]!), add(dice, wanted[0]!)] : []),
      ...(dice.chance(0.5) ? [viewCart(dice, dice.between(20_000, 35_000))] : []),
      ...(dice.chance(0.3)
        ? ([
            { do: 'start checkout', afterMs: dice.between(20_000, 35_000) },
            { do: 'order', afterMs: dice.between(10_000, 25_000) },
          ] as const)
        : [{ do: 'turn to leave', afterMs: dice.between(15_000, 40_000) } as const]),
    ];
  },

  'window-shopper'(basket) {
    const { dice } = basket;
    return [
      ...maybeSearch(basket),
      ...browse(basket, 2, 6).map((wish) => look(dice, wish)),
      ...(dice.chance(0.6) ? [{ do: 'turn to leave', afterMs: think(dice) } as const] : []),
    ];
  },

  /** Reads pages in shelf order, too fast to be a person, and wants nothing. */
  bot({ dice, tastes }) {
    const shelves = tastes.flat();
    const start = dice.between(0, shelves.length - 1);
    const pages = shelves.slice(start, start + dice.between(10, 25));
    return pages.map(({ sku }) => ({ do: 'look', sku, afterMs: dice.between(150, 500) }));
  },
};

/** Mostly what one likes; one look in eight strays. */
function browse({ dice, taste, tastes }: Basket, least: number, most: number): Wish[] {
  const liked = dice.some(taste, dice.between(least, most));
  return liked.map((wish) => (dice.chance(1 / 8) ? dice.pick(dice.pick(tastes)) : wish));
}

function maybeSearch({ dice, taste }: Basket): Step[] {
  if (!dice.chance(0.4)) return [];
  const words = dice.pick(taste).name.match(/[\p{L}-]{4,}/gu) ?? ['river'];
  return [{ do: 'search', query: dice.pick(words).toLowerCase(), afterMs: think(dice) }];
}

function look(dice: Dice, { sku }: Wish): Step {
  return { do: 'look', sku, afterMs: think(dice) };
}

function add(dice: Dice, { sku }: Wish): Step {
  return { do: 'add', sku, afterMs: think(dice) };
}

function remove(dice: Dice, { sku }: Wish): Step {
  return { do: 'remove', sku, afterMs: think(dice) };
}

function viewCart(dice: Dice, afterMs = think(dice)): Step {
  return { do: 'view cart', afterMs };
}

/** Think-time: five seconds on average, now and then a glance, at most 13. */
function think(dice: Dice): number {
  return Math.round(1_000 + Math.min(dice.gap() * 4_000, 12_000));
}
