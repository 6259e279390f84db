import { z } from 'zod';
import { ProductPublished } from '#contracts/products';
import { v1, v2 } from '#contracts/recommendations';
import type { Derived, RecommendationsChanged } from '#contracts/recommendations';
import { StockLevelChanged } from '#contracts/stock';
import { processor } from '#log/processor';
import type { Processor } from '#log/processor';

/** Views of the three tables about a product: each event is the whole row. */

export type Product = z.output<typeof ProductPublished.schema>;
export type Recommendation = z.output<typeof RecommendationsChanged.schema>;

export const productView = processor({
  name: 'shop.products',
  reads: [ProductPublished],
  state: ProductPublished.schema,
  initial: null,
  columns: {
    category: { type: 'text', of: ({ category }) => category },
    name: { type: 'text', of: ({ name }) => name },
    cents: { type: 'bigint', of: ({ price }) => price.cents },
    words: {
      type: 'text',
      of: ({ name, category, description }) => `${name} ${category} ${description}`.toLowerCase(),
    },
    withdrawn: { type: 'boolean', of: ({ withdrawn }) => withdrawn },
  },
  on: (_, { data }) => ({ state: data }),
});

export const stockView = processor({
  name: 'shop.stock',
  reads: [StockLevelChanged],
  state: StockLevelChanged.schema,
  initial: null,
  columns: { on_hand: { type: 'bigint', of: ({ onHand }) => onHand } },
  on: (_, { data }) => ({ state: data }),
});

/** What a release of the recommendations says of each product. */
const recommendationsBy = (name: string, { RecommendationsChanged: changed }: Derived) =>
  processor({
    name,
    reads: [changed],
    state: changed.schema,
    initial: null,
    columns: {
      /** Thousandths, so that it sorts as a number. */
      popularity: { type: 'bigint', of: ({ popularity }) => Math.round(popularity * 1000) },
    },
    on: (_, { data }) => ({ state: data }),
  });

export const recommendationView = recommendationsBy('shop.recommendations', v1);
export const recommendationViewV2 = recommendationsBy('shop.recommendations.v2', v2);

/** By release of the recommendations. */
export const recommendationViews: Readonly<Record<string, Processor<Recommendation>>> = {
  v1: recommendationView,
  v2: recommendationViewV2,
};
