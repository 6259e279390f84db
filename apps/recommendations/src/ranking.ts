import { z } from 'zod';
import type { DataOf, EventOf } from '#contracts/contract';
import {
  BoughtTogether,
  ProductSeen,
  RecommendationsChanged,
  SeenTogether,
} from '#contracts/recommendations';
import { Instant } from '#contracts/values';
import { processor } from '#log/processor';

/** After this time an observation counts half. */
export const HALF_LIFE_MS = 24 * 3_600_000;
/** A product's ranking is told at most so often. */
const PUBLISH_EVERY_MS = 2000;
/** Without a new observation the fading itself is told, so that "popular now" stays true. */
const FADE_EVERY_MS = 6 * 3_600_000;
/** Bought together says as much as so many times seen together. */
const BOUGHT_WEIGHT = 4;
/** Other products remembered for each product: the strongest. */
const OTHERS_LIMIT = 50;
const RANKED_LIMIT = 12;
/** What counts less than this is forgotten. */
const FAINTEST = 0.05;
/** Half-lives after which the landmark moves, so that weights stay small numbers. */
const LANDMARK_AGE = 20;

/** Plain fields in an array: parsed at each event, where a record takes ten times as long. */
const Affinity = z.object({ sku: z.string(), seen: z.number(), bought: z.number() });
type Affinity = z.output<typeof Affinity>;

/**
 * Counts in forward decay (Cormode, Shkapenyuk, Srivastava, Xu: Forward Decay, ICDE 2009): an
 * observation at t weighs 2^((t − since) / half-life), and a sum divided by the weight of now is
 * the decayed count. So counting is an addition, and nothing is multiplied at each event.
 */
const Ranking = z.object({
  /** The landmark, ms. */
  since: Instant,
  views: z.number().min(0),
  others: z.array(Affinity).max(OTHERS_LIMIT),
  /** Something new is to be told at the next wake-up. */
  isNew: z.boolean(),
});
type Ranking = z.output<typeof Ranking>;
type Observation = EventOf<typeof ProductSeen | typeof SeenTogether | typeof BoughtTogether>;

/** What goes with each product, with decay, and how popular it is. */
export const ranking = processor({
  name: 'recommendations.ranking',
  version: 1,
  reads: [ProductSeen, SeenTogether, BoughtTogether],
  appends: [RecommendationsChanged],
  state: Ranking,
  initial: null,
  on(state, event) {
    const before = state ?? { since: event.time, views: 0, others: [], isNew: false };
    const counted = { ...observe(moveLandmark(before, event.time), event), isNew: true };
    if (before.isNew) return { state: counted }; // The timer runs already.
    return { state: counted, wakeAt: event.time + PUBLISH_EVERY_MS };
  },
  wake(state, at, sku) {
    const { ranked, popularity } = rank(state, at);
    const append = [RecommendationsChanged({ sku, ranked, popularity, version: 'v1' })];
    if (ranked.length === 0 && popularity < FAINTEST) return { state: null, append };
    return { state: { ...state, isNew: false }, append, wakeAt: at + FADE_EVERY_MS };
  },
});

function weightAt(since: number, at: number): number {
  return 2 ** ((at - since) / HALF_LIFE_MS);
}

function observe(state: Ranking, event: Observation): Ranking {
  const weight = weightAt(state.since, event.time);
  if (event.type === ProductSeen.type) return { ...state, views: round(state.views + weight, 6) };
  const known = state.others.find(({ sku }) => sku === event.data.other);
  const { sku, seen, bought } = known ?? { sku: event.data.other, seen: 0, bought: 0 };
  const affinity =
    event.type === SeenTogether.type
      ? { sku, seen: round(seen + weight, 6), bought }
      : { sku, seen, bought: round(bought + weight, 6) };
  const others = known
    ? state.others.map((other) => (other === known ? affinity : other))
    : [...withRoom(state.others), affinity];
  return { ...state, others };
}

/** Leaves out the weakest when there is no room for another: new pairs must be able to come in. */
function withRoom(others: Affinity[]): Affinity[] {
  if (others.length < OTHERS_LIMIT) return others;
  const weakest = others.reduce((a, b) => (strength(b) < strength(a) ? b : a));
  return others.filter((other) => other !== weakest);
}

function moveLandmark(state: Ranking, at: number): Ranking {
  const age = Math.floor((at - state.since) / HALF_LIFE_MS);
  if (age < LANDMARK_AGE) return state;
  const since = state.since + age * HALF_LIFE_MS;
  const factor = 2 ** -age;
  const others = state.others
    .map(({ sku, seen, bought }) => ({
      sku,
      seen: round(seen * factor, 6),
      bought: round(bought * factor, 6),
    }))
    .filter((other) => strength(other) > 0);
  return { ...state, since, views: round(state.views * factor, 6), others };
}

function strength({ seen, bought }: Affinity): number {
  return seen + BOUGHT_WEIGHT * bought;
}

type Told = Pick<DataOf<typeof RecommendationsChanged>, 'ranked' | 'popularity'>;

/** The score is the share of this product's visits that went on to the other, purchases weighed. */
function rank(state: Ranking, at: number): Told {
  const now = weightAt(state.since, at);
  const views = state.views / now;
  const ranked = state.others
    .filter((other) => strength(other) / now >= FAINTEST)
    .map((other) => {
      const isBought = other.bought * BOUGHT_WEIGHT >= other.seen;
      return {
        sku: other.sku,
        reason: isBought ? ('bought together' as const) : ('seen together' as const),
        count: round((isBought ? other.bought : other.seen) / now, 0),
        // One view is added, so that a single visit proves little.
        score: round(strength(other) / now / (views + 1), 4),
      };
    })
    .toSorted((a, b) => b.score - a.score || (a.sku < b.sku ? -1 : 1))
    .slice(0, RANKED_LIMIT);
  return { ranked, popularity: round(views, 2) };
}

function round(value: number, digits: number): number {
  const factor = 10 ** digits;
  return Math.round(value * factor) / factor;
}
