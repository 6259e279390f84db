import type { RawEvent } from './raw-log.ts';

/** What the doors took, as the driver wrote it down. */
export interface Accounts {
  /** Order id and visitor of every checkout that was tried. */
  tried: ReadonlyMap<string, string>;
  orders: ReadonlySet<string>;
  /** `visitor/tab/number` */
  hits: ReadonlySet<string>;
  /** Number of products, by delivery id. */
  deliveries: ReadonlyMap<string, number>;
}

const DECISIONS = ['OrderConfirmed', 'OrderRejected', 'OrderCancelled'];

/**
 * Whether all that was accepted is on the log, and nothing else. `events` are without repeats, in
 * the order of their partitions. One sentence for everything that is wrong.
 */
export function checkAccounts(events: readonly RawEvent[], accounts: Accounts): string[] {
  return [
    ...checkOrders(events, accounts),
    ...checkHits(events, accounts),
    ...checkDeliveries(events, accounts),
  ];
}

function checkOrders(events: readonly RawEvent[], { orders, tried }: Accounts): string[] {
  const submitted = new Map<string, RawEvent[]>();
  const decided = new Map<string, number>();
  const carts = new Map<string, number>();
  for (const event of events) {
    const { type, data } = event;
    if (type === 'OrderSubmitted') {
      submitted.set(data.orderId, [...(submitted.get(data.orderId) ?? []), event]);
    }
    if (type === 'CartCheckedOut') carts.set(data.orderId, (carts.get(data.orderId) ?? 0) + 1);
    if (DECISIONS.includes(type)) {
      decided.set(data.orderId, (decided.get(data.orderId) ?? 0) + 1);
    }
  }
  const problems: string[] = [];
  for (const orderId of orders) {
    const count = submitted.get(orderId)?.length ?? 0;
    if (count !== 1) problems.push(`${orderId} was accepted, and is submitted ${count} times`);
    if (decided.get(orderId) !== 1) {
      problems.push(`${orderId} was accepted, and is decided ${decided.get(orderId) ?? 0} times`);
    }
  }
  for (const [orderId, [event]] of submitted) {
    if (tried.get(orderId) !== event!.data.visitorId) problems.push(`${orderId} was never sent`);
    if (carts.get(orderId) !== 1) {
      problems.push(
        `${orderId} is submitted, its cart checked out ${carts.get(orderId) ?? 0} times`,
      );
    }
  }
  return problems;
}

/** On the log once or more; and those of a tab in the order in which it told them. */
function checkHits(events: readonly RawEvent[], { hits }: Accounts): string[] {
  const found = new Set<string>();
  const last = new Map<string, number>();
  const problems: string[] = [];
  for (const { topic, data, mark } of events) {
    if (topic !== 'visitors' || data.tab === undefined || mark !== null) continue;
    const tab = `${data.visitorId}/${data.tab}`;
    const hit = `${tab}/${data.hit}`;
    if (found.has(hit)) continue;
    found.add(hit);
    const before = last.get(tab) ?? 0;
    if (data.hit < before) problems.push(`hit ${hit} comes after ${before}`);
    last.set(tab, data.hit);
  }
  for (const hit of hits)
    if (!found.has(hit)) problems.push(`hit ${hit} was accepted, and is lost`);
  return problems;
}

function checkDeliveries(events: readonly RawEvent[], { deliveries }: Accounts): string[] {
  const found = new Map<string, Set<string>>();
  for (const { type, data } of events) {
    if (type !== 'GoodsDelivered') continue;
    const skus = found.get(data.deliveryId) ?? new Set();
    found.set(data.deliveryId, skus.add(data.sku));
  }
  return [...deliveries]
    .filter(([id, products]) => (found.get(id)?.size ?? 0) !== products)
    .map(([id]) => `delivery ${id} was accepted, and is not whole on the log`);
}
