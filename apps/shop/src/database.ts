import type { ServiceDatabase } from '#log/database';
import { LooksOfTimers1764300000000 } from '#log/looks-of-timers';
import { OrderRow, ProductRow, StockRow, SubmittedOrder } from './entities.ts';
import { Initial1764000000000 } from './migrations/1764000000000-initial.ts';
import { OrdersAgain1764100000000 } from './migrations/1764100000000-orders-again.ts';
import { RecommendationsV21764200000000 } from './migrations/1764200000000-recommendations-v2.ts';

export const database: ServiceDatabase = {
  name: 'shop',
  entities: [SubmittedOrder, ProductRow, StockRow, OrderRow],
  migrations: [
    Initial1764000000000,
    OrdersAgain1764100000000,
    RecommendationsV21764200000000,
    LooksOfTimers1764300000000,
  ],
};
