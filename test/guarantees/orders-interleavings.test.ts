import type { LogEvent, NewEvent } from '#contracts/contract';
import { OrderConfirmed, OrderSubmitted } from '#contracts/orders';
import { GoodsDelivered } from '#contracts/stock';
import type { Processor } from '#log/processor';
import { stockLevel } from '../../apps/inventory/src/stock-level.ts';
import type { StockLevel } from '../../apps/inventory/src/stock-level.ts';
import { orderProcess } from '../../apps/ordering/src/order-process.ts';
import type { Order } from '../../apps/ordering/src/order-process.ts';

/**
 * A search through everything that can happen to a few orders. The log promises order from one key
 * to another and nothing between, so an event waits in the channel from the key that caused it to
 * the key it is for, any channel may be next, deadlines may pass at any moment, and what was read
 * may come again. Every state that can be reached is visited once. Shipping is left out: it follows
 * from a confirmation alone, and would only multiply the states.
 */
interface Setting {
  /** Quantity by SKU, by order. */
  orders: Record<string, Record<string, number>>;
  /** Quantity delivered, by SKU. */
  stock: Record<string, number>;
  /** How many events may come twice. */
  duplicates: number;
}

interface World {
  /** Events under way, by `from>to`. */
  channels: Record<string, NewEvent[]>;
  /** What was read last of each channel, as long as it may come again. */
  last: Record<string, NewEvent>;
  orders: Record<string, Order | null>;
  levels: Record<string, StockLevel | null>;
  /** What the world was told about each order, in order. */
  told: Record<string, string[]>;
  duplicates: number;
}

const A = 'order-aaa';
const B = 'order-bbb';
const C = 'order-ccc';
const DECISIONS = new Set(['OrderConfirmed', 'OrderRejected', 'OrderCancelled']);

describe('every interleaving of a few orders', () => {
  const settings: [string, Setting][] = [
    [
      'two orders cross over the last of two products',
      {
        orders: { [A]: { KETTLE: 1, MUG: 1 }, [B]: { MUG: 1, KETTLE: 1 } },
        stock: { KETTLE: 1, MUG: 1 },
        duplicates: 0,
      },
    ],
    [
      'three orders for the last two pieces',
      {
        orders: { [A]: { MUG: 1 }, [B]: { MUG: 1 }, [C]: { MUG: 1 } },
        stock: { MUG: 2 },
        duplicates: 0,
      },
    ],
    [
      'one order of two products, and two events come twice',
      {
        orders: { [A]: { KETTLE: 1, MUG: 1 } },
        stock: { KETTLE: 1, MUG: 2 },
        duplicates: 2,
      },
    ],
    [
      'two orders for the last piece, and one event comes twice',
      { orders: { [A]: { MUG: 1 }, [B]: { MUG: 1 } }, stock: { MUG: 1 }, duplicates: 1 },
    ],
  ];

  test.each(settings)('%s', (_what, setting) => {
    const { ends, outcomes } = search(setting);
    expect(ends).toBeGreaterThan(0);
    // The search means little unless it reaches both ends of an order.
    expect(outcomes).toContain('OrderConfirmed');
    expect(outcomes).toContain('OrderCancelled');
  });
});

function search(setting: Setting): { ends: number; outcomes: Set<string> } {
  const seen = new Set<string>();
  const open = [begin(setting)];
  const outcomes = new Set<string>();
  let ends = 0;
  while (open.length > 0) {
    const world = open.pop()!;
    const next = successors(world);
    inspect(setting, world);
    if (next.length === 0) {
      inspectEnd(setting, world);
      ends += 1;
      for (const told of Object.values(world.told)) for (const type of told) outcomes.add(type);
    }
    for (const after of [...next, ...repetitions(world)]) {
      const text = textOf(after);
      if (seen.has(text)) continue;
      seen.add(text);
      open.push(after);
    }
  }
  return { ends, outcomes };
}

function begin({ orders, stock, duplicates }: Setting): World {
  const world: World = { channels: {}, last: {}, orders: {}, levels: {}, told: {}, duplicates };
  for (const [orderId, lines] of Object.entries(orders)) {
    world.orders[orderId] = null;
    world.told[orderId] = [];
    world.channels[`shop>${orderId}`] = [submitted(orderId, lines)];
  }
  for (const [sku, quantity] of Object.entries(stock)) {
    world.levels[sku] = null;
    const goods = { sku, quantity, deliveryId: 'delivery-1', supplier: 'Mill & Sons' };
    world.channels[`supplier>${sku}`] = [GoodsDelivered(goods)];
  }
  if (duplicates > 0) return world;
  // A submission read late keeps back what it causes, which its channels do anyway. Goods that
  // come late are searched where events come twice.
  return Object.entries(world.channels).reduce(
    (before, [channel, [event]]) => read(before, channel, event!),
    world,
  );
}

function submitted(orderId: string, lines: Record<string, number>): NewEvent {
  const unitPrice = { cents: 100, currency: 'EUR' as const };
  return OrderSubmitted({
    orderId,
    visitorId: 'visitor-1',
    lines: Object.entries(lines).map(([sku, quantity]) => ({
      sku,
      name: sku,
      quantity,
      unitPrice,
    })),
    total: unitPrice,
    customer: { name: 'Ada', email: 'ada@example.com', address: '1 Mill Lane' },
  });
}

/** All that has to happen next in some order; nothing at the end. */
function successors(world: World): World[] {
  const next: World[] = [];
  for (const [channel, [event]] of Object.entries(world.channels)) {
    if (event) next.push(read(world, channel, event));
  }
  for (const [orderId, order] of Object.entries(world.orders)) {
    if (order?.status !== 'placed') continue;
    const after = copy(world);
    const { wake } = orderProcess as Processor<Order>;
    settle(after, 'orders', orderId, wake(order, 0, orderId, null));
    next.push(after);
  }
  return next;
}

/** What may happen besides: what was read last comes again, behind what is under way. */
function repetitions(world: World): World[] {
  if (world.duplicates === 0) return [];
  return Object.entries(world.last).map(([channel, event]) => {
    const after = copy(world);
    after.channels[channel] = [...(after.channels[channel] ?? []), event];
    after.duplicates -= 1;
    if (after.duplicates === 0) after.last = {};
    return after;
  });
}

function read(world: World, channel: string, event: NewEvent): World {
  const after = copy(world);
  const rest = after.channels[channel]!.slice(1);
  if (rest.length > 0) after.channels[channel] = rest;
  else delete after.channels[channel];
  if (after.duplicates > 0) after.last[channel] = event;
  const key = event.key!;
  const logged: LogEvent = { ...event, id: '-', source: '-', time: 0, correlationId: '-' };
  const [kind, processor]: ['orders' | 'levels', Processor] =
    event.topic === 'orders' ? ['orders', orderProcess] : ['levels', stockLevel];
  const state = after[kind][key] ?? processor.initial;
  settle(after, kind, key, processor.on(state, logged, null));
  return after;
}

function settle(
  world: World,
  kind: 'orders' | 'levels',
  key: string,
  decision: ReturnType<Processor['on']>,
): void {
  if (!decision) return;
  const { state, append = [] } = decision;
  if (state !== undefined) world[kind][key] = state;
  for (const event of append) {
    const processor = event.topic === 'orders' ? orderProcess : stockLevel;
    const isRead = processor.reads.has(event.type);
    if (!isRead && event.topic === 'orders') world.told[event.key!]!.push(event.type);
    if (!isRead) continue;
    const channel = `${key}>${event.key}`;
    world.channels[channel] = [...(world.channels[channel] ?? []), event];
  }
}

function copy(world: World): World {
  const told = Object.entries(world.told).map(([key, types]): [string, string[]] => [
    key,
    [...types],
  ]);
  return {
    ...world,
    channels: { ...world.channels },
    last: { ...world.last },
    orders: { ...world.orders },
    levels: { ...world.levels },
    told: Object.fromEntries(told),
  };
}

/** The same text for the same world, in whatever order it came to its channels. */
function textOf({ channels, last, ...rest }: World): string {
  const inOrder = (of: Record<string, NewEvent | NewEvent[]>) =>
    Object.keys(of)
      .sort()
      .map((channel) => [channel, of[channel]]);
  return JSON.stringify([inOrder(channels), inOrder(last), rest]);
}

/** What holds at every moment. */
function inspect(setting: Setting, { told, levels }: World): void {
  for (const [orderId, types] of Object.entries(told)) {
    const decisions = types.filter((type) => DECISIONS.has(type));
    if (decisions.length > 1) throw new Error(`${orderId} is decided twice: ${types.join(', ')}`);
  }
  for (const [sku, level] of Object.entries(levels)) {
    const there = level ? level.onHand + sum(Object.values(level.reserved)) : 0;
    const known = setting.stock[sku]!;
    if ((level?.onHand ?? 0) < 0 || there > known)
      throw new Error(`${sku} has ${there} of ${known}`);
    const sold = soldOf(setting, told, sku);
    if (sold > known) throw new Error(`${sku} is sold ${sold} times, ${known} were delivered`);
  }
}

/** What holds when nothing more can happen. */
function inspectEnd(setting: Setting, { told, levels }: World): void {
  for (const [orderId, [placed, decision = 'nothing', ...rest]] of Object.entries(told)) {
    if (placed === 'OrderPlaced' && DECISIONS.has(decision) && rest.length === 0) continue;
    throw new Error(`${orderId} ends with ${told[orderId]!.join(', ')}`);
  }
  for (const [sku, level] of Object.entries(levels)) {
    const sold = soldOf(setting, told, sku);
    const { onHand, reserved } = level!;
    const open = Object.keys(reserved);
    if (open.length > 0) throw new Error(`${sku} is held for ${open.join(', ')} for ever`);
    if (onHand + sold === setting.stock[sku]) continue;
    throw new Error(`${sku}: ${onHand} on hand and ${sold} sold of ${setting.stock[sku]}`);
  }
}

function soldOf({ orders }: Setting, told: World['told'], sku: string): number {
  const confirmed = Object.keys(orders).filter((id) => told[id]!.includes(OrderConfirmed.type));
  return sum(confirmed.map((id) => orders[id]![sku] ?? 0));
}

function sum(numbers: number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}
