import { z } from 'zod';
import {
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  OrderShipped,
  OrderSubmitted,
} from '#contracts/orders';
import { CouponCode, Instant, Money, OrderId, Quantity, Sku, VisitorId } from '#contracts/values';
import { processor } from '#log/processor';
import type { Decision } from '#log/processor';

/** An order as its buyer sees it. */
export const OrderView = z.object({
  orderId: OrderId,
  visitorId: VisitorId,
  status: z.enum(['submitted', 'placed', 'confirmed', 'rejected', 'cancelled', 'shipped']),
  lines: z.array(z.object({ sku: Sku, name: z.string(), quantity: Quantity, unitPrice: Money })),
  coupon: z.object({ code: CouponCode, discount: Money }).nullable(),
  total: Money,
  short: z.array(z.object({ sku: Sku, requested: Quantity, onHand: z.int() })),
  submittedAt: Instant,
});
export type OrderView = z.output<typeof OrderView>;

/** A view: orders with their status. */
export const orderView = processor({
  name: 'shop.orders',
  version: 2,
  reads: [OrderSubmitted, OrderPlaced, OrderConfirmed, OrderRejected, OrderCancelled, OrderShipped],
  state: OrderView,
  initial: null,
  columns: {
    visitor_id: { type: 'text', of: ({ visitorId }) => visitorId },
    submitted_at: { type: 'bigint', of: ({ submittedAt }) => submittedAt },
  },
  on(order, { type, data, time }): Decision<OrderView> | void {
    if (type === OrderSubmitted.type) {
      if (order) return; // Submitted twice is one order.
      const { orderId, visitorId, lines, total } = data;
      const coupon = data.coupon
        ? { code: data.coupon.code, discount: data.coupon.discount }
        : null;
      const submitted = { orderId, visitorId, lines, coupon, total, submittedAt: time };
      return { state: { ...submitted, status: 'submitted', short: [] } };
    }
    if (!order) return;
    const become = (status: OrderView['status']) => ({ state: { ...order, status } });
    switch (type) {
      case OrderPlaced.type:
        return become('placed');
      case OrderConfirmed.type:
        return become('confirmed');
      case OrderShipped.type:
        return become('shipped');
      case OrderCancelled.type:
        return become('cancelled');
      case OrderRejected.type:
        return { state: { ...order, status: 'rejected', short: data.short } };
    }
  },
});
