import { useEffect, useRef } from 'react';
import type { Order } from '../api.ts';
import { useLive } from '../live.tsx';
import { useNotify } from '../notice.tsx';
import { sentenceOf } from './order-steps.ts';
import { shortId } from './order.tsx';

/** Tells of every step of an order, on whichever screen the visitor is. Draws nothing. */
export function OrderNews() {
  const { me } = useLive();
  const notify = useNotify();
  const known = useRef<Map<string, Order['status']>>(undefined);
  const orders = me?.orders;

  useEffect(() => {
    if (!orders) return;
    // What is there at the first message is no news; an order that is new since then is.
    const before = known.current;
    known.current = new Map(orders.map((order) => [order.orderId, order.status]));
    const moved = orders.find((order) => before && before.get(order.orderId) !== order.status);
    if (!moved) return;
    const failed = moved.status === 'rejected' || moved.status === 'cancelled';
    const news = `Order ${shortId(moved)}: ${sentenceOf(moved.status)}`;
    notify(news, failed ? 'problem' : 'plain');
  }, [orders, notify]);
  return null;
}
