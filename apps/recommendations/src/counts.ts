import type { DataOf, EventOf } from '#contracts/contract';
import type { Derived, RecommendationsChanged } from '#contracts/recommendations';

/** After this time an observation counts half. */
export const HALF_LIFE_MS = 24 * 3_600_000;
/** A product's ranking is told at most so often. */
export const PUBLISH_EVERY_MS = 2000;
/** So an event is in no hurry to be counted. */
export const LINGER_MS = 100;
/** Without a new observation the fading itself is told, so that "popular now" stays true. */
export const FADE_EVERY_MS = 6 * 3_600_000;
/** Bought together says as much as so many times seen together. */
const BOUGHT_WEIGHT = 4;
/** Other products remembered for each product: the strongest. */
export const OTHERS_LIMIT = 50;
const RANKED_LIMIT = 12;
/** What counts less than this is forgotten. */
export const FAINTEST = 0.05;
/** Half-lives after which the landmark moves, so that weights stay small numbers. */
const LANDMARK_AGE = 20;

/** How often two products were together. */
export interface Affinity {
  sku: string;
  seen: number;
  bought: number;
}

/**
 * Counts in forward decay (Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay, ICDE 2009): an
 * observation at t weighs 2^((t − since) / half-life), and a sum divided by the weight of now is
 * the decayed count. So counting is an addition, and nothing is multiplied at each event.
 */
export interface Counts<A extends Affinity> {
  /** The landmark, ms. */
  since: number;
  views: number;
  others: A[];
}

type Observation = EventOf<
  Derived['ProductSeen'] | Derived['SeenTogether'] | Derived['BoughtTogether']
>;
type Ranked = DataOf<typeof RecommendationsChanged>['ranked'];

export function weightAt(since: number, at: number): number {
  return 2 ** ((at - since) / HALF_LIFE_MS);
}

/** Counts an observation; `fresh` makes what is kept of another product that is not known yet. */
export function observe<A extends Affinity, C extends Counts<A>>(
  counts: C,
  event: Observation,
  fresh: (sku: string) => A,
): C {
  const weight = weightAt(counts.since, event.data.at ?? event.time);
  if (event.type === 'ProductSeen') return { ...counts, views: round(counts.views + weight, 6) };
  const known = counts.others.find(({ sku }) => sku === event.data.other);
  const before = known ?? fresh(event.data.other);
  const affinity =
    event.type === 'SeenTogether'
      ? { ...before, seen: round(before.seen + weight, 6) }
      : { ...before, bought: round(before.bought + weight, 6) };
  const others = known
    ? counts.others.map((other) => (other === known ? affinity : other))
    : [...withRoom(counts.others), affinity];
  return { ...counts, others };
}

/** Leaves out the weakest when there is no room for another: new pairs must be able to come in. */
function withRoom<A extends Affinity>(others: A[]): A[] {
  if (others.length < OTHERS_LIMIT) return others;
  const weakest = others.reduce((a, b) => (strength(b) < strength(a) ? b : a));
  return others.filter((other) => other !== weakest);
}

/** Moves an old landmark on; `scale` multiplies what else is counted of another product. */
export function moveLandmark<A extends Affinity, C extends Counts<A>>(
  counts: C,
  at: number,
  scale: (other: A, factor: number) => A = (other) => other,
): C {
  const age = Math.floor((at - counts.since) / HALF_LIFE_MS);
  if (age < LANDMARK_AGE) return counts;
  const factor = 2 ** -age;
  const others = counts.others
    .map((other) => ({
      ...scale(other, factor),
      seen: round(other.seen * factor, 6),
      bought: round(other.bought * factor, 6),
    }))
    .filter((other) => strength(other) > 0);
  const since = counts.since + age * HALF_LIFE_MS;
  return { ...counts, since, views: round(counts.views * factor, 6), others };
}

function strength({ seen, bought }: Affinity): number {
  return seen + BOUGHT_WEIGHT * bought;
}

/** The other products, best first. `scoreOf` is given decayed counts; ties go by SKU. */
export function rank<A extends Affinity>(
  { since, others }: Counts<A>,
  at: number,
  scoreOf: (strength: number, other: A) => number,
): Ranked {
  const now = weightAt(since, at);
  return others
    .filter((other) => strength(other) / now >= FAINTEST)
    .map((other) => {
      const isBought = other.bought * BOUGHT_WEIGHT >= other.seen;
      return {
        sku: other.sku,
        reason: isBought ? ('bought together' as const) : ('seen together' as const),
        count: round((isBought ? other.bought : other.seen) / now, 0),
        score: round(scoreOf(strength(other) / now, other), 4),
      };
    })
    .toSorted((a, b) => b.score - a.score || (a.sku < b.sku ? -1 : 1))
    .slice(0, RANKED_LIMIT);
}

export function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
