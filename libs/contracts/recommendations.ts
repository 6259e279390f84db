import { z } from 'zod';
import { stream, table } from './contract.ts';
import { Sku, text } from './values.ts';

/** What visitors did, re-keyed from visitor to product. */
export const affinities = stream('affinities.v1', { key: 'sku', timers: ['recommendations'] });

const from = { writer: 'recommendations' };
export const ProductSeen = affinities.event(
  'ProductSeen',
  'Somebody looked at this product.',
  from,
  { sku: Sku },
);
export const SeenTogether = affinities.event(
  'SeenTogether',
  'One visitor looked at this product and at another.',
  from,
  { sku: Sku, other: Sku },
);
export const BoughtTogether = affinities.event(
  'BoughtTogether',
  'One order had this product and another.',
  from,
  { sku: Sku, other: Sku },
);

export const recommendations = table('recommendations.v1', { key: 'sku' });

export const RecommendationsChanged = recommendations.event(
  'RecommendationsChanged',
  'What goes with this product now, and how popular it is.',
  from,
  {
    sku: Sku,
    /** Best first. `count`: decayed number of times, rounded. */
    ranked: z
      .array(
        z.object({
          sku: Sku,
          reason: z.enum(['bought together', 'seen together']),
          count: z.number().min(0),
          score: z.number().min(0),
        }),
      )
      .max(12),
    /** Decayed number of views. */
    popularity: z.number().min(0),
    version: text(20),
  },
);
