import { Mind } from './mind.ts';
import type { Shopper } from './shopper.ts';
import type { Taste, Wish } from './tastes.ts';

/** One thing that somebody does in the shop. */
export type Deed =
  | { readonly do: 'think'; readonly ms: number }
  | { readonly do: 'search'; readonly query: string }
  | { readonly do: 'look' | 'add' | 'remove'; readonly sku: string }
  | {
      readonly do:
        | 'arrive'
        | 'view cart'
        | 'take coupon'
        | 'dismiss coupon'
        | 'start checkout'
        | 'order'
        | 'turn to leave';
    };

/** What the shop shows after it. Nobody sees more than a browser does. */
export interface Sight {
  /** The product whose page was opened; null elsewhere, and when the shop does not know it. */
  readonly product: { readonly available: number } | null;
  /** To be paid for what is in the cart, without any coupon; 0 when it is empty. */
  readonly cartCents: number;
  /** A coupon that came up during the thinking, which it ends. Each comes up once. */
  readonly coupon: { readonly code: string; readonly percent: number } | null;
  /** The order was taken. */
  readonly ordered: boolean;
}

export type Outcome = 'ordered' | 'ordered with coupon' | 'left' | 'left a cart';
export type Visit = Generator<Deed, Outcome, Sight>;
/** Something meant to be done after some thought. */
type Step = { readonly afterMs: number } & (Deed | { readonly do: 'nothing' });
/** What somebody does as long as no coupon changes it. */
type Plan = Generator<Step, void, Sight>;

/**
 * A visit, from the door to the door, as a coroutine: it yields what it does and is told what the shop
 * shows. It has no clock and no chance of its own, so that it is the same in the shop and in a
 * history: the same seed and the same sights, the same deeds.
 */
export function* visit(mind: Mind, tastes: readonly Taste[]): Visit {
  const plan = planOf(mind, tastes);
  let sight: Sight = yield { do: 'arrive' };
  let coupon: Sight['coupon'] = null;
  let took = false;
  let ordered = false;
  for (let step = plan.next(sight); !step.done; step = plan.next(sight)) {
    const { afterMs, ...deed } = step.value;
    if (!coupon || !mind.isMadeUp) {
      sight = yield* think(mind, afterMs);
      coupon ??= sight.coupon;
    }
    // Whoever is still looking round thinks of the coupon later.
    if (coupon && mind.isMadeUp) {
      const reaction = mind.reactTo(coupon);
      coupon = null;
      if (reaction !== 'ignore') yield* think(mind, mind.dice.between(2_000, 6_000));
      if (reaction === 'dismiss') yield { do: 'dismiss coupon' };
      if (reaction === 'take' || reaction === 'stay') yield { do: 'take coupon' };
      if (reaction === 'stay') return (yield* pay(mind)) ? 'ordered with coupon' : 'left a cart';
      took = reaction === 'take';
    }
    if (deed.do === 'nothing') continue;
    sight = yield deed;
    mind.notice(deed, sight);
    ordered ||= sight.ordered;
  }
  if (ordered) return took ? 'ordered with coupon' : 'ordered';
  return sight.cartCents > 0 ? 'left a cart' : 'left';
}

function* think(mind: Mind, ms: number): Generator<Deed, Sight, Sight> {
  mind.spend(ms);
  return yield { do: 'think', ms };
}

function* pay(mind: Mind): Generator<Deed, boolean, Sight> {
  yield* think(mind, mind.dice.between(2_000, 6_000));
  yield { do: 'start checkout' };
  yield* think(mind, mind.dice.between(6_000, 15_000));
  return (yield { do: 'order' }).ordered;
}

function* planOf(mind: Mind, tastes: readonly Taste[]): Plan {
  yield* plans[mind.shopper.persona](mind, tastes);
  yield { do: 'nothing', afterMs: mind.dice.thinkMs() };
}

/** Somebody with something in mind: looks at things, puts some in the cart, and then… */
function* shopping(mind: Mind, tastes: readonly Taste[], likes: number): Plan {
  const { dice, shopper } = mind;
  let sight: Sight | null = null;
  if (shopper.returning) sight = yield { do: 'view cart', afterMs: dice.thinkMs() };
  yield* maybeSearch(mind);
  const seen = browse(mind, tastes, 2, 5);
  const wanted = dice.some(seen, likes);
  for (const { sku } of seen) yield { do: 'look', sku, afterMs: dice.thinkMs() };
  for (const { sku } of wanted) {
    if (mind.canHave(sku)) sight = yield { do: 'add', sku, afterMs: dice.thinkMs() };
  }
  if (!sight || sight.cartCents === 0) return;
  sight = yield { do: 'view cart', afterMs: dice.thinkMs() };
  if (dice.chance(0.2) && mind.canHave(wanted[0]!.sku)) sight = yield* waver(mind, wanted[0]!);
  yield* mind.makesUp(sight.cartCents) === 'leave' ? turnAway(mind) : checkOut(mind);
}

/** Takes the first thing out again, looks at it, and puts it back. */
function* waver({ dice }: Mind, { sku }: Wish): Generator<Step, Sight, Sight> {
  yield { do: 'remove', sku, afterMs: dice.thinkMs() };
  yield { do: 'look', sku, afterMs: dice.thinkMs() };
  yield { do: 'add', sku, afterMs: dice.thinkMs() };
  return yield { do: 'view cart', afterMs: dice.thinkMs() };
}
/** Hesitates over a cart and goes; on a phone there is no pointer that reaches for the way out. */
function* turnAway({ dice, shopper }: Mind): Plan {
  if (dice.chance(0.25)) yield { do: 'start checkout', afterMs: dice.thinkMs() };
  if (dice.chance(0.4)) yield { do: 'view cart', afterMs: dice.between(12_000, 25_000) };
  const hesitatesMs = Math.round(12_000 + 30_000 * shopper.patience);
  if (shopper.device === 'desktop') yield { do: 'turn to leave', afterMs: hesitatesMs };
  else yield { do: 'nothing', afterMs: hesitatesMs };
}

/** Those who hesitate by nature do so also when they buy in the end. */
function* checkOut({ dice, shopper }: Mind): Plan {
  const sure = shopper.persona === 'buyer';
  const afterMs = sure ? dice.thinkMs() : dice.between(15_000, 35_000);
  yield { do: 'start checkout', afterMs };
  yield { do: 'order', afterMs: dice.between(8_000, 20_000) };
}

const plans: Record<Shopper['persona'], (mind: Mind, tastes: readonly Taste[]) => Plan> = {
  buyer: (mind, tastes) => shopping(mind, tastes, mind.dice.between(1, 3)),
  hesitant: (mind, tastes) => shopping(mind, tastes, mind.dice.between(1, 2)),
  'bargain-hunter': (mind, tastes) => shopping(mind, tastes, mind.dice.between(1, 3)),

  *'window-shopper'(mind, tastes) {
    const { dice, shopper } = mind;
    yield* maybeSearch(mind);
    for (const { sku } of browse(mind, tastes, 2, 6)) {
      yield { do: 'look', sku, afterMs: dice.thinkMs() };
    }
    if (shopper.device === 'desktop') yield { do: 'turn to leave', afterMs: dice.thinkMs() };
  },

  /** Reads pages in shelf order, too fast to be a person, and wants nothing. */
  *bot({ dice }, tastes) {
    const shelves = tastes.flat();
    const start = dice.between(0, shelves.length - 1);
    for (const { sku } of shelves.slice(start, start + dice.between(10, 25))) {
      yield { do: 'look', sku, afterMs: dice.between(150, 500) };
    }
  },
};

/** Mostly what one likes; one look in eight strays. */
function browse({ dice, shopper }: Mind, tastes: readonly Taste[], least: number, most: number) {
  const liked = dice.some(shopper.taste, dice.between(least, most));
  return liked.map((wish) => (dice.chance(1 / 8) ? dice.pick(dice.pick(tastes)) : wish));
}

function* maybeSearch({ dice, shopper }: Mind): Plan {
  if (!dice.chance(0.4)) return;
  const words = dice.pick(shopper.taste).name.match(/[\p{L}-]{4,}/gu) ?? ['river'];
  yield { do: 'search', query: dice.pick(words).toLowerCase(), afterMs: dice.thinkMs() };
}
