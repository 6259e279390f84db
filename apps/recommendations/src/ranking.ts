import { z } from 'zod';
import {
  BoughtTogether,
  ProductSeen,
  RecommendationsChanged,
  SeenTogether,
} from '#contracts/recommendations';
import { Instant } from '#contracts/values';
import { processor } from '#log/processor';
import { FADE_EVERY_MS, FAINTEST, LINGER_MS, OTHERS_LIMIT, PUBLISH_EVERY_MS } from './counts.ts';
import { moveLandmark, observe, rank, round, weightAt } from './counts.ts';

/** Plain fields in an array: parsed at each event, where a record takes ten times as long. */
const Affinity = z.object({ sku: z.string(), seen: z.number(), bought: z.number() });

const Ranking = z.object({
  since: Instant,
  views: z.number().min(0),
  others: z.array(Affinity).max(OTHERS_LIMIT),
  /** Something new is to be told at the next wake-up. */
  isNew: z.boolean(),
});

/** What goes with each product, with decay, and how popular it is. */
export const ranking = processor({
  name: 'recommendations.ranking',
  version: 1,
  reads: [ProductSeen, SeenTogether, BoughtTogether],
  appends: [RecommendationsChanged],
  state: Ranking,
  initial: null,
  lingerMs: LINGER_MS,
  on(state, event) {
    const before = state ?? { since: event.time, views: 0, others: [], isNew: false };
    const fresh = (sku: string) => ({ sku, seen: 0, bought: 0 });
    const counted = { ...observe(moveLandmark(before, event.time), event, fresh), isNew: true };
    if (before.isNew) return { state: counted }; // The timer runs already.
    return { state: counted, wakeAt: event.time + PUBLISH_EVERY_MS };
  },
  wake(state, at, sku) {
    const views = state.views / weightAt(state.since, at);
    // The share of this product's visits that went on to the other, purchases weighed. One view is
    // added, so that a single visit proves little.
    const ranked = rank(state, at, (together) => together / (views + 1));
    const popularity = round(views, 2);
    const append = [RecommendationsChanged({ sku, ranked, popularity, version: 'v1' })];
    if (ranked.length === 0 && popularity < FAINTEST) return { state: null, append };
    return { state: { ...state, isNew: false }, append, wakeAt: at + FADE_EVERY_MS };
  },
});
