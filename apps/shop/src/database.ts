import type { ServiceDatabase } from '#log/database';
import { looksOfTimers } from '#log/looks-of-timers';
import {
  CartRow,
  OrderRow,
  ProductRow,
  recommendationRows,
  StockRow,
  SubmittedOrder,
} from './entities.ts';
import { recommendationViewV2 } from './catalogue-views.ts';
import { firstProcessors, Initial1764000000000 } from './migrations/1764000000000-initial.ts';
import { OrdersAgain1764100000000 } from './migrations/1764100000000-orders-again.ts';
import { RecommendationsV21764200000000 } from './migrations/1764200000000-recommendations-v2.ts';

export const database: ServiceDatabase = {
  name: 'shop',
  entities: [
    CartRow,
    SubmittedOrder,
    ProductRow,
    StockRow,
    OrderRow,
    ...Object.values(recommendationRows),
  ],
  migrations: [
    Initial1764000000000,
    OrdersAgain1764100000000,
    RecommendationsV21764200000000,
    looksOfTimers(...firstProcessors, recommendationViewV2),
  ],
};
