import type { Processor } from '#log/processor';
import { coViews, coViewsV2 } from './co-views.ts';
import { ranking } from './ranking.ts';
import { similarity } from './similarity.ts';

/** What each release runs. */
export const releases: Record<string, Processor[]> = {
  v1: [coViews, ranking],
  v2: [coViewsV2, similarity],
};
