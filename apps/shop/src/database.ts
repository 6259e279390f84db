import type { ServiceDatabase } from '#log/database';
import {
  CartRow,
  OfferRow,
  OrderRow,
  ProductRow,
  RecommendationRow,
  StockRow,
  SubmittedOrder,
} from './entities.ts';
import { Initial1764000000000 } from './migrations/1764000000000-initial.ts';
import { OrdersAgain1764100000000 } from './migrations/1764100000000-orders-again.ts';

export const database: ServiceDatabase = {
  name: 'shop',
  entities: [CartRow, SubmittedOrder, ProductRow, StockRow, RecommendationRow, OfferRow, OrderRow],
  migrations: [Initial1764000000000, OrdersAgain1764100000000],
};
