import { z } from 'zod';
import { stream, table } from './contract.ts';
import { OrderId, Quantity, Sku, text } from './values.ts';

/** The history of a product's stock. */
export const stock = stream('stock', { key: 'sku' });

const fromOrdering = { writer: 'ordering' };
export const StockRequested = stock.event(
  'StockRequested',
  'An order asks for a quantity of this product.',
  fromOrdering,
  { sku: Sku, orderId: OrderId, quantity: Quantity },
);
export const StockReleaseRequested = stock.event(
  'StockReleaseRequested',
  'An order no longer wants what it asked for.',
  fromOrdering,
  { sku: Sku, orderId: OrderId },
);
export const StockCommitted = stock.event(
  'StockCommitted',
  'The order is confirmed: its reservation leaves the house.',
  fromOrdering,
  { sku: Sku, orderId: OrderId },
);
export const GoodsDelivered = stock.event(
  'GoodsDelivered',
  'A supplier delivered goods.',
  { writer: ['collector', 'first-facts'] },
  { sku: Sku, quantity: Quantity, deliveryId: text(64).min(1), supplier: text(100).min(1) },
);

/** How much of each product can be promised now. */
export const stockLevels = table('stock-levels', { key: 'sku' });

export const StockLevelChanged = stockLevels.event(
  'StockLevelChanged',
  'What is on hand and not reserved changed.',
  { writer: 'inventory' },
  { sku: Sku, onHand: z.int().min(0), reserved: z.int().min(0) },
);
