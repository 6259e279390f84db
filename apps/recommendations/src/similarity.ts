import { z } from 'zod';
import type { EventOf, NewEvent } from '#contracts/contract';
import { PopularityTold, v2 } from '#contracts/recommendations';
import { Instant } from '#contracts/values';
import { processor } from '#log/processor';
import { FADE_EVERY_MS, FAINTEST, LINGER_MS, OTHERS_LIMIT, PUBLISH_EVERY_MS } from './counts.ts';
import { moveLandmark, observe, rank, round, weightAt } from './counts.ts';

const { ProductSeen, SeenTogether, BoughtTogether, RecommendationsChanged } = v2;

/** Observations that a similarity has to be backed by before it counts half of what it says. */
export const SHRINKAGE = 4;
/** A product tells its popularity again when it has grown by so much since. */
const GROWTH = 1.25;

const Affinity = z.object({
  sku: z.string(),
  seen: z.number(),
  bought: z.number(),
  /** Views of the other product, as it told; 0: not yet. In the weights of our own landmark. */
  views: z.number(),
  /** Our own views, as we told the other product. */
  told: z.number(),
});
type Affinity = z.output<typeof Affinity>;

const Similarity = z.object({
  since: Instant,
  views: z.number().min(0),
  others: z.array(Affinity).max(OTHERS_LIMIT),
  isNew: z.boolean(),
});
type Similarity = z.output<typeof Similarity>;

/**
 * Item-to-item similarity: the cosine of two products' visits (Linden, Smith, York: Amazon.com
 * Recommendations, IEEE Internet Computing 7(1), 2003), which takes the popularity of both out, shrunk where
 * there are few observations (Bell, Koren: Scalable Collaborative Filtering with Jointly Derived
 * Neighborhood Interpolation Weights, ICDM 2007):
 *
 *     together / √(views · views of the other) · together / (together + SHRINKAGE)
 *
 * The popularity of the other product is on another key, so it is told: to whom it is seen with, and again
 * when it has grown. All counts decay.
 */
export const similarity = processor({
  name: 'recommendations.ranking.v2',
  version: 1,
  reads: [ProductSeen, SeenTogether, BoughtTogether, PopularityTold],
  appends: [RecommendationsChanged, PopularityTold],
  state: Similarity,
  initial: null,
  lingerMs: LINGER_MS,
  on(state, event) {
    const empty = { since: event.time, views: 0, others: [], isNew: false };
    const before = moveLandmark(state ?? empty, event.time, scale);
    const { counted, append } =
      event.type === PopularityTold.type
        ? { counted: note(before, event), append: [] }
        : tell(observe(before, event, fresh), event);
    if (before.isNew) return { state: { ...counted, isNew: true }, append }; // The timer runs already.
    const wakeAt = event.time + PUBLISH_EVERY_MS;
    return { state: { ...counted, isNew: true }, append, wakeAt };
  },
  wake(state, at, sku) {
    const now = weightAt(state.since, at);
    const views = state.views / now;
    const ranked = rank(state, at, (together, other) => {
      const expected = Math.sqrt(Math.max(views, 1) * Math.max(other.views / now, 1));
      return (together / expected) * (together / (together + SHRINKAGE));
    });
    const popularity = round(views, 2);
    const append = [RecommendationsChanged({ sku, ranked, popularity, version: 'v2' })];
    if (ranked.length === 0 && popularity < FAINTEST) return { state: null, append };
    return { state: { ...state, isNew: false }, append, wakeAt: at + FADE_EVERY_MS };
  },
});

const fresh = (sku: string): Affinity => ({ sku, seen: 0, bought: 0, views: 0, told: 0 });

const scale = (other: Affinity, factor: number): Affinity => ({
  ...other,
  views: round(other.views * factor, 6),
  told: round(other.told * factor, 6),
});

function note(state: Similarity, { data, time }: EventOf<typeof PopularityTold>): Similarity {
  const views = round(data.views * weightAt(state.since, time), 6);
  const others = state.others.map((each) => (each.sku === data.other ? { ...each, views } : each));
  return { ...state, others };
}

/** Tells the product we were just seen with how popular we are, unless it knows well enough. */
function tell(
  state: Similarity,
  event: EventOf<typeof ProductSeen | typeof SeenTogether | typeof BoughtTogether>,
): { counted: Similarity; append: NewEvent[] } {
  if (event.type === ProductSeen.type) return { counted: state, append: [] };
  const { other } = event.data;
  const known = state.others.find(({ sku }) => sku === other)!;
  if (state.views <= known.told * GROWTH) return { counted: state, append: [] };
  const told = { ...known, told: state.views };
  const others = state.others.map((each) => (each === known ? told : each));
  const views = round(state.views / weightAt(state.since, event.time), 4);
  const append = [PopularityTold({ sku: other, other: event.data.sku, views })];
  return { counted: { ...state, others }, append };
}
