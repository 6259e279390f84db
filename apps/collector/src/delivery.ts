import { z } from 'zod';
import { GoodsDelivered } from '#contracts/stock';

const { sku, quantity, deliveryId, supplier } = GoodsDelivered.schema.shape;

/** What a supplier tells: goods that arrived. */
export const Delivery = z.object({
  deliveryId,
  supplier,
  items: z
    .array(z.object({ sku, quantity }))
    .min(1)
    .max(100)
    .refine((items) => new Set(items.map((item) => item.sku)).size === items.length, {
      message: 'must name each SKU once',
    }),
});

/**
 * One event for each product, since stock is kept by product. All carry the delivery's id, so
 * that a delivery told twice counts once.
 */
export function goodsOf({ deliveryId, supplier, items }: z.output<typeof Delivery>) {
  return items.map((item) => GoodsDelivered({ ...item, deliveryId, supplier }));
}
