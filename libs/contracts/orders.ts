import { z } from 'zod';
import { stream } from './contract.ts';
import { CouponCode, Instant, Money, OrderId, Quantity, Sku, VisitorId, text } from './values.ts';

/** The life of an order, from whichever service each step comes. */
export const orders = stream('orders', { key: 'orderId', timers: ['ordering'] });

/** Version 1 had no discount: who wanted it had to know how the shop rounds. */
function withDiscount(old: SubmittedV1): unknown {
  const { lines, coupon, total } = old;
  if (!coupon) return old;
  const goods = lines.reduce((sum, line) => sum + line.quantity * line.unitPrice.cents, 0);
  // Whatever version 1 allowed is read, sums that no shop writes included.
  const cents = Math.min(Math.max(goods - total.cents, 0), Number.MAX_SAFE_INTEGER);
  return { ...old, coupon: { ...coupon, discount: { cents, currency: total.currency } } };
}

interface SubmittedV1 {
  lines: { quantity: number; unitPrice: Money }[];
  coupon?: { code: string; percent: number };
  total: Money;
}

const order = { orderId: OrderId, visitorId: VisitorId };

export const OrderSubmitted = orders.event(
  'OrderSubmitted',
  'A visitor checked out.',
  { writer: 'shop', version: 2, upcasts: { 1: withDiscount } },
  {
    ...order,
    /** Unique by SKU. */
    lines: z
      .array(z.object({ sku: Sku, name: text(200), quantity: Quantity, unitPrice: Money }))
      .min(1)
      .max(100)
      .refine((lines) => new Set(lines.map((l) => l.sku)).size === lines.length, {
        message: 'must name each SKU once',
      }),
    /** `discount`: what it took off the sum of the lines. */
    coupon: z
      .object({ code: CouponCode, percent: z.int().min(1).max(90), discount: Money })
      .optional(),
    total: Money,
    customer: z.object({
      name: text(200).min(1),
      email: text(254).min(3),
      address: text(500).min(1),
    }),
  },
);
const fromOrdering = { writer: 'ordering' };
export const OrderPlaced = orders.event(
  'OrderPlaced',
  'The order is taken up; stock is asked for each line until the deadline.',
  fromOrdering,
  { ...order, deadlineAt: Instant },
);
export const OrderConfirmed = orders.event(
  'OrderConfirmed',
  'Every line is reserved and committed.',
  fromOrdering,
  order,
);
export const OrderRejected = orders.event(
  'OrderRejected',
  'At least one line was short; what was reserved is released.',
  fromOrdering,
  {
    ...order,
    short: z.array(z.object({ sku: Sku, requested: Quantity, onHand: z.int().min(0) })).min(1),
  },
);
export const OrderCancelled = orders.event(
  'OrderCancelled',
  'The stock did not answer before the deadline.',
  fromOrdering,
  { ...order, unanswered: z.array(Sku).min(1) },
);
export const OrderShipped = orders.event(
  'OrderShipped',
  'The parcel is on its way.',
  fromOrdering,
  order,
);

const fromInventory = { writer: 'inventory' };
export const StockReserved = orders.event(
  'StockReserved',
  'A line of this order is set aside.',
  fromInventory,
  { orderId: OrderId, sku: Sku, quantity: Quantity },
);
export const StockRefused = orders.event(
  'StockRefused',
  'There is not enough for a line of this order.',
  fromInventory,
  { orderId: OrderId, sku: Sku, quantity: Quantity, onHand: z.int().min(0) },
);
