import { z } from 'zod';
import type { DataOf, EventOf } from '#contracts/contract';
import {
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  OrderShipped,
  OrderSubmitted,
  StockRefused,
  StockReserved,
} from '#contracts/orders';
import { StockCommitted, StockReleaseRequested, StockRequested } from '#contracts/stock';
import { processor } from '#log/processor';
import type { Decision } from '#log/processor';

/** How long the stock may take to answer for every line. */
const DEADLINE_MS = 30_000;
/** From the confirmation to the parcel on its way. */
const PACKING_MS = 60_000;
/** How long a finished order is remembered, so that one submitted twice stays one. */
const REMEMBERED_MS = 24 * 60 * 60 * 1000;

const line = { sku: z.string(), quantity: z.int().positive() };
const Line = z.discriminatedUnion('answer', [
  z.object({ ...line, answer: z.literal('awaited') }),
  z.object({ ...line, answer: z.literal('reserved') }),
  z.object({ ...line, answer: z.literal('refused'), onHand: z.int().min(0) }),
]);
type Line = z.output<typeof Line>;

const Placed = z.object({
  status: z.literal('placed'),
  visitorId: z.string(),
  lines: z.array(Line).max(100),
});
type Placed = z.output<typeof Placed>;

/** What is left to do is all that is kept: lines until the decision, the visitor until shipped. */
export const Order = z.discriminatedUnion('status', [
  Placed,
  z.object({ status: z.literal('confirmed'), visitorId: z.string() }),
  z.object({ status: z.enum(['shipped', 'rejected', 'cancelled']) }),
]);
export type Order = z.output<typeof Order>;

/** The life of one order: asks for stock line by line, decides once, and waits for nobody long. */
export const orderProcess = processor({
  name: 'ordering.order-process',
  reads: [OrderSubmitted, StockReserved, StockRefused],
  appends: [
    OrderPlaced,
    OrderConfirmed,
    OrderRejected,
    OrderCancelled,
    OrderShipped,
    StockRequested,
    StockReleaseRequested,
    StockCommitted,
  ],
  state: Order,
  initial: null,
  on(order, event) {
    switch (event.type) {
      case OrderSubmitted.type:
        return order ? undefined : place(event);
      case StockReserved.type:
        return reserved(order, event);
      case StockRefused.type: {
        const { orderId, sku, onHand } = event.data;
        if (order?.status !== 'placed') return;
        return answered(order, orderId, event.time, sku, { answer: 'refused', onHand });
      }
    }
  },
  wake(order, at, orderId) {
    switch (order.status) {
      case 'placed':
        return giveUp(order, orderId, at);
      case 'confirmed': {
        const { visitorId } = order;
        return { ...end('shipped', at), append: [OrderShipped({ orderId, visitorId })] };
      }
      default:
        return { state: null };
    }
  },
});

type Answer = Decision<Order> | undefined;

function place({ data, time }: EventOf<typeof OrderSubmitted>): Answer {
  const { orderId, visitorId } = data;
  const deadlineAt = time + DEADLINE_MS;
  const lines = data.lines.map(({ sku, quantity }) => ({ sku, quantity }));
  return {
    state: {
      status: 'placed',
      visitorId,
      lines: lines.map((line) => ({ ...line, answer: 'awaited' })),
    },
    append: [
      OrderPlaced({ orderId, visitorId, deadlineAt }),
      ...lines.map(({ sku, quantity }) => StockRequested({ sku, orderId, quantity })),
    ],
    wakeAt: deadlineAt,
  };
}

function reserved(order: Order | null, event: EventOf<typeof StockReserved>): Answer {
  const { orderId, sku } = event.data;
  // Too late for this order, or so late that it is forgotten: nobody else would give it back.
  if (!order || order.status === 'rejected' || order.status === 'cancelled') {
    return { append: [StockReleaseRequested({ sku, orderId })] };
  }
  if (order.status !== 'placed') return;
  return answered(order, orderId, event.time, sku, { answer: 'reserved' });
}

type StockAnswer = { answer: 'reserved' } | { answer: 'refused'; onHand: number };

function answered(
  order: Placed,
  orderId: string,
  time: number,
  sku: string,
  answer: StockAnswer,
): Answer {
  if (!order.lines.some((line) => line.sku === sku && line.answer === 'awaited')) return;
  const lines: Line[] = order.lines.map((line) =>
    line.sku === sku ? { sku, quantity: line.quantity, ...answer } : line,
  );
  if (lines.some((line) => line.answer === 'awaited')) return { state: { ...order, lines } };
  return decide({ ...order, lines }, orderId, time);
}

/** Every line is answered: the order stands, or what was short is named. */
function decide(order: Placed, orderId: string, time: number): Answer {
  const { visitorId, lines } = order;
  if (shortOf(lines).length > 0) return reject(order, orderId, time);
  return {
    state: { status: 'confirmed', visitorId },
    append: [
      OrderConfirmed({ orderId, visitorId }),
      ...lines.map(({ sku }) => StockCommitted({ sku, orderId })),
    ],
    wakeAt: time + PACKING_MS,
  };
}

/** The deadline passed with lines unanswered. */
function giveUp(order: Placed, orderId: string, at: number): Answer {
  const { visitorId, lines } = order;
  if (shortOf(lines).length > 0) return reject(order, orderId, at);
  const unanswered = lines.filter((line) => line.answer === 'awaited').map(({ sku }) => sku);
  const append = [OrderCancelled({ orderId, visitorId, unanswered }), ...releases(lines, orderId)];
  return { ...end('cancelled', at), append };
}

function reject({ visitorId, lines }: Placed, orderId: string, time: number): Answer {
  const append = [
    OrderRejected({ orderId, visitorId, short: shortOf(lines) }),
    ...releases(lines, orderId),
  ];
  return { ...end('rejected', time), append };
}

function end(status: 'shipped' | 'rejected' | 'cancelled', time: number) {
  return { state: { status }, wakeAt: time + REMEMBERED_MS };
}

function shortOf(lines: readonly Line[]): DataOf<typeof OrderRejected>['short'] {
  return lines.flatMap((line) => {
    if (line.answer !== 'refused') return [];
    return [{ sku: line.sku, requested: line.quantity, onHand: line.onHand }];
  });
}

/** A line without an answer may be reserved by now: it is released unseen. */
function releases(lines: readonly Line[], orderId: string) {
  return lines
    .filter((line) => line.answer !== 'refused')
    .map(({ sku }) => StockReleaseRequested({ sku, orderId }));
}
