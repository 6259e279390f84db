import { z } from 'zod';
import type { DataOf } from '#contracts/contract';
import { StockRefused, StockReserved } from '#contracts/orders';
import {
  GoodsDelivered,
  StockCommitted,
  StockLevelChanged,
  StockReleaseRequested,
  StockRequested,
} from '#contracts/stock';
import { processor } from '#log/processor';
import type { Decision } from '#log/processor';

/** Deliveries of one product that are remembered, so that one told twice counts once. */
const KEPT_DELIVERIES = 1000;
/** Settled orders of one product that are remembered, so that none of them reserves again. */
const KEPT_SETTLED = 200;
/** Open reservations of one product. They live for seconds, so more means that nobody decides. */
const MAX_RESERVATIONS = 10_000;

export const StockLevel = z.object({
  /** In the house and promised to nobody. */
  onHand: z.int().min(0),
  /** Quantity set aside, by order. */
  reserved: z.record(z.string(), z.int().positive()),
  /** The last delivery ids, oldest first. */
  deliveries: z.array(z.string()).max(KEPT_DELIVERIES),
  /** The last orders that were refused, released or committed, oldest first. */
  settled: z.array(z.string()).max(KEPT_SETTLED),
});
export type StockLevel = z.output<typeof StockLevel>;

/** The stock of one product: what is there, and what is set aside for which order. */
export const stockLevel = processor({
  name: 'inventory.stock-level',
  reads: [GoodsDelivered, StockRequested, StockReleaseRequested, StockCommitted],
  appends: [StockReserved, StockRefused, StockLevelChanged],
  state: StockLevel,
  initial: { onHand: 0, reserved: {}, deliveries: [], settled: [] },
  on(level, event) {
    switch (event.type) {
      case GoodsDelivered.type:
        return deliver(level, event.data);
      case StockRequested.type:
        return reserve(level, event.data);
      case StockReleaseRequested.type:
        return release(level, event.data);
      case StockCommitted.type:
        return commit(level, event.data);
    }
  },
});

type Answer = Decision<StockLevel> | undefined;

function deliver(level: StockLevel, delivery: DataOf<typeof GoodsDelivered>): Answer {
  const { sku, quantity, deliveryId } = delivery;
  if (level.deliveries.includes(deliveryId)) return;
  const deliveries = [...level.deliveries, deliveryId].slice(-KEPT_DELIVERIES);
  const state = { ...level, onHand: level.onHand + quantity, deliveries };
  return { state, append: [changed(sku, state)] };
}

function reserve(level: StockLevel, request: DataOf<typeof StockRequested>): Answer {
  const { sku, orderId, quantity } = request;
  // Asked before: the answer stands. Released before: nobody waits for one.
  if (holds(level, orderId) || level.settled.includes(orderId)) return;
  const onHand = Object.keys(level.reserved).length < MAX_RESERVATIONS ? level.onHand : 0;
  if (onHand < quantity) {
    const append = [StockRefused({ orderId, sku, quantity, onHand })];
    return { state: { ...level, settled: settle(level, orderId) }, append };
  }
  const reserved = { ...level.reserved, [orderId]: quantity };
  const state = { ...level, onHand: level.onHand - quantity, reserved };
  return { state, append: [StockReserved({ orderId, sku, quantity }), changed(sku, state)] };
}

function release(level: StockLevel, release: DataOf<typeof StockReleaseRequested>): Answer {
  const { sku, orderId } = release;
  const settled = settle(level, orderId);
  if (!holds(level, orderId)) return { state: { ...level, settled } };
  const { [orderId]: quantity = 0, ...reserved } = level.reserved;
  const state = { ...level, onHand: level.onHand + quantity, reserved, settled };
  return { state, append: [changed(sku, state)] };
}

function commit(level: StockLevel, commitment: DataOf<typeof StockCommitted>): Answer {
  const { sku, orderId } = commitment;
  if (!holds(level, orderId)) return;
  const { [orderId]: _left, ...reserved } = level.reserved;
  const state = { ...level, reserved, settled: settle(level, orderId) };
  return { state, append: [changed(sku, state)] };
}

/** Order ids come from browsers, and `constructor` is one: so not `in`. */
function holds(level: StockLevel, orderId: string): boolean {
  return Object.hasOwn(level.reserved, orderId);
}

function settle(level: StockLevel, orderId: string): string[] {
  if (level.settled.includes(orderId)) return level.settled;
  return [...level.settled, orderId].slice(-KEPT_SETTLED);
}

function changed(sku: string, { onHand, reserved }: StockLevel) {
  const total = Object.values(reserved).reduce((sum, quantity) => sum + quantity, 0);
  return StockLevelChanged({ sku, onHand, reserved: total });
}
