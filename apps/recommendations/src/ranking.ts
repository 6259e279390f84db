import { z } from 'zod';
import type { DataOf, EventOf } from '#contracts/contract';
import {
  BoughtTogether,
  ProductSeen,
  RecommendationsChanged,
  SeenTogether,
} from '#contracts/recommendations';
import { Instant, Sku } from '#contracts/values';
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

const Affinity = z.object({ seen: z.number().min(0), bought: z.number().min(0) });
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
  others: z.record(Sku, Affinity),
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
    const before = state ?? { since: event.time, views: 0, others: {}, isNew: false };
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
  const { other } = event.data;
  const { seen, bought } = state.others[other] ?? { seen: 0, bought: 0 };
  const affinity =
    event.type === SeenTogether.type
      ? { seen: round(seen + weight, 6), bought }
      : { seen, bought: round(bought + weight, 6) };
  const others = { ...(other in state.others ? state.others : withRoom(state.others)) };
  return { ...state, others: { ...others, [other]: affinity } };
}

/** Leaves out the weakest when there is no room for another: new pairs must be able to come in. */
function withRoom(others: Ranking['others']): Ranking['others'] {
  const entries = Object.entries(others);
  if (entries.length < OTHERS_LIMIT) return others;
  const [weakest] = entries.toSorted(
    ([a, x], [b, y]) => strength(x) - strength(y) || (a < b ? -1 : 1),
  )[0]!;
  const { [weakest]: _, ...rest } = others;
  return rest;
}

function moveLandmark(state: Ranking, at: number): Ranking {
  const age = Math.floor((at - state.since) / HALF_LIFE_MS);
  if (age < LANDMARK_AGE) return state;
  const since = state.since + age * HALF_LIFE_MS;
  const factor = 2 ** -age;
  const moved = Object.entries(state.others)
    .map(([other, { seen, bought }]): [string, Affinity] => [
      other,
      { seen: round(seen * factor, 6), bought: round(bought * factor, 6) },
    ])
    .filter(([, affinity]) => strength(affinity) > 0);
  const views = round(state.views * factor, 6);
  return { ...state, since, views, others: Object.fromEntries(moved) };
}

function strength({ seen, bought }: Affinity): number {
  return seen + BOUGHT_WEIGHT * bought;
}

type Told = Pick<DataOf<typeof RecommendationsChanged>, 'ranked' | 'popularity'>;

/** The score is the share of this product's visits that went on to the other, purchases weighed. */
function rank(state: Ranking, at: number): Told {
  const now = weightAt(state.since, at);
  const views = state.views / now;
  const ranked = Object.entries(state.others)
    .filter(([, affinity]) => strength(affinity) / now >= FAINTEST)
    .map(([sku, affinity]) => {
      const isBought = affinity.bought * BOUGHT_WEIGHT >= affinity.seen;
      return {
        sku,
        reason: isBought ? ('bought together' as const) : ('seen together' as const),
        count: round((isBought ? affinity.bought : affinity.seen) / now, 0),
        // One view is added, so that a single visit proves little.
        score: round(strength(affinity) / now / (views + 1), 4),
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
