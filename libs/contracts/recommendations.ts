import { z } from 'zod';
import { stream, table } from './contract.ts';
import { Instant, Sku, text } from './values.ts';

const from = { writer: 'recommendations' };
/**
 * When it happened, in log time. Who reads the log anew appends all of it now; what fades with time has to
 * know when that was. The first release does not say.
 */
const at = Instant.optional();

/** Each release of the recommendations derives topics of its own: they carry its name. */
function derivedBy(name: string) {
  const release = { application: 'recommendations', release: name } as const;

  /** What visitors did, re-keyed from visitor to product. */
  const affinities = stream(`affinities.${name}`, {
    key: 'sku',
    timers: ['recommendations'],
    release,
  });
  const ProductSeen = affinities.event('ProductSeen', 'Somebody looked at this product.', from, {
    sku: Sku,
    at,
  });
  const SeenTogether = affinities.event(
    'SeenTogether',
    'One visitor looked at this product and at another.',
    from,
    { sku: Sku, other: Sku, at },
  );
  const BoughtTogether = affinities.event(
    'BoughtTogether',
    'One order had this product and another.',
    from,
    { sku: Sku, other: Sku, at },
  );

  const recommendations = table(`recommendations.${name}`, { key: 'sku', release });
  const RecommendationsChanged = recommendations.event(
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
  const events = { ProductSeen, SeenTogether, BoughtTogether, RecommendationsChanged };
  return { release: name, affinities, recommendations, ...events };
}
export type Derived = ReturnType<typeof derivedBy>;

export const v1 = derivedBy('v1');
export const v2 = derivedBy('v2');

export const PopularityTold = v2.affinities.event(
  'PopularityTold',
  'How often the other product is looked at, as it tells those that it goes with.',
  from,
  { sku: Sku, other: Sku, /** Decayed number of views. */ views: z.number().min(0) },
);

export const { affinities, recommendations } = v1;
export const { ProductSeen, SeenTogether, BoughtTogether, RecommendationsChanged } = v1;
