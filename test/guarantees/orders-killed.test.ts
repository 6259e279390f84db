import { setTimeout as pause } from 'node:timers/promises';
import type { NewEvent } from '#contracts/contract';
import { OrderSubmitted } from '#contracts/orders';
import { GoodsDelivered } from '#contracts/stock';
import { LogUnavailable, LogWriter } from '#log/writer';
import { seeded } from '#testing/golden';
import { audit } from '../../tools/chaos/checker/orders-audit.ts';
import type { Audit } from '../../tools/chaos/checker/orders-audit.ts';
import { readLog, withoutRepeats } from '../../tools/chaos/checker/raw-log.ts';
import { startSystem } from './orders-system.ts';
import type { System } from './orders-system.ts';
import { deathsWrittenDown, killOneByOne } from './orders-victims.ts';
import type { Death } from './orders-victims.ts';

const SEED = Number(process.env.SEED ?? 20_260_101);
const SERVICES = ['ordering', 'inventory'];
/** Replicas of each service, and how often each is killed. */
const PLACES = ['a', 'b', 'c', 'd'];
const LIVES = 5;
const ORDERS = 2000;
/** Orders that come at once, and how long until the next do. */
const CROWD = 25;
const CROWD_EVERY_MS = 450;
/** After the 2,000 they only keep those who are still to be killed at work. */
const LATE_CROWD_EVERY_MS = 1800;
const SKUS = Array.from({ length: 30 }, (_, i) => `MUG-${10 + i}`);
/** Nobody ever delivers the last one: whatever the kills delay, some orders are short of it. */
const DELIVERED = SKUS.slice(0, -1);

let system: System;
beforeAll(async () => {
  system = await startSystem(SERVICES);
}, 90_000);
afterAll(() => system?.stop(), 30_000);

test(`2,000 orders while ordering and inventory are killed 20 times each (seed ${SEED})`, async () => {
  const random = seeded(SEED);
  const died: { service: string; point: Death['point'] }[] = [];
  let dying = true;
  const killing = Promise.all(
    SERVICES.flatMap((service) =>
      PLACES.map((place, i) => {
        const deaths = Array.from({ length: LIVES }, (_, life) => deathOf(i, life, random));
        const onDeath = (point: Death['point']) => void died.push({ service, point });
        return killOneByOne(system, service, place, deaths, onDeath);
      }),
    ),
  ).finally(() => (dying = false));
  const [submitted] = await Promise.all([sell(random, () => dying), killing]);

  const { repeats, result } = await settled();
  expect(result.problems).toEqual([]);
  expect(result.undecided).toBe(0);
  expect(result.reservations).toBe(0);
  const { OrderConfirmed, OrderRejected, OrderCancelled } = result.decisions;
  expect(OrderConfirmed! + OrderRejected! + OrderCancelled!).toBe(submitted);
  expect(OrderConfirmed).toBeGreaterThan(0);
  expect(OrderRejected).toBeGreaterThan(0);
  // What dies between publish and acknowledgement publishes again: without, nothing was tested.
  expect(repeats).toBeGreaterThan(0);
  const written = deathsWrittenDown(system);
  for (const service of SERVICES) {
    const at = (point: string) =>
      written.filter((death) => death.service === service && death.point === point).length;
    expect(died.filter((death) => death.service === service)).toHaveLength(PLACES.length * LIVES);
    expect(at('committed')).toBeGreaterThanOrEqual(5);
    expect(at('published')).toBeGreaterThanOrEqual(5);
  }
}, 360_000);

/** Of each service one place dies after commits, one after publishing, one at both, one anywhere. */
function deathOf(place: number, life: number, random: () => number): Death {
  const passing = 1 + Math.floor(random() * 4);
  if (place === 0) return { point: 'committed', passing };
  if (place === 1) return { point: 'published', passing };
  if (place === 2) return { point: life % 2 === 0 ? 'committed' : 'published', passing };
  return { point: 'anywhere', afterMs: Math.floor(random() * 800) };
}

/** Crowds of shoppers come as long as somebody is to be killed; returns how many orders. */
async function sell(random: () => number, isDying: () => boolean): Promise<number> {
  const { brokers } = system;
  const [shop, supplier] = await Promise.all([
    LogWriter.connect({ brokers, service: 'shop' }),
    LogWriter.connect({ brokers, service: 'collector' }),
  ]);
  let orders = 0;
  for (let crowd = 0; !system.isStopping && (orders < ORDERS || isDying()); crowd += 1) {
    // The shelves are filled slower than emptied, and one delivery in ten is told twice.
    const goods = DELIVERED.map((sku) => delivery(sku, crowd, random));
    if (crowd % 10 === 0) await insist(supplier, [...goods, ...goods.slice(0, 3)]);
    const events = Array.from({ length: CROWD }, (_, i) => order(orders + i, random));
    // A shopper who presses twice: the second submission changes nothing.
    await insist(shop, [...events, events[0]!]);
    orders += CROWD;
    await pause(orders < ORDERS ? CROWD_EVERY_MS : LATE_CROWD_EVERY_MS);
  }
  await Promise.all([shop.close(), supplier.close()]);
  return orders;
}

/** Sends again until it is acknowledged, as every caller of a door does. */
async function insist(writer: LogWriter, events: readonly NewEvent[]): Promise<void> {
  for (;;) {
    try {
      return await writer.append(events);
    } catch (error) {
      if (!(error instanceof LogUnavailable) || system.isStopping) throw error;
    }
  }
}

function delivery(sku: string, crowd: number, random: () => number): NewEvent {
  const quantity = 10 + Math.floor(random() * 20);
  return GoodsDelivered({ sku, quantity, deliveryId: `${sku}-${crowd}`, supplier: 'Mill & Sons' });
}

function order(number: number, random: () => number): NewEvent {
  const unitPrice = { cents: 100, currency: 'EUR' as const };
  const first = Math.floor(random() * SKUS.length);
  const lines = Array.from({ length: 1 + Math.floor(random() * 3) }, (_, i) => {
    const sku = SKUS[(first + i * 7) % SKUS.length]!;
    return { sku, name: sku, quantity: 1 + Math.floor(random() * 3), unitPrice };
  });
  return OrderSubmitted({
    orderId: `order-${10_000 + number}`,
    visitorId: `visitor-${10_000 + number}`,
    lines,
    total: unitPrice,
    customer: { name: 'Ada', email: 'ada@example.com', address: '1 Mill Lane' },
  });
}

/** Reads the log until everything on it is settled, or it should long have been. */
async function settled(): Promise<{ repeats: number; result: Audit }> {
  const limit = Date.now() + 60_000;
  for (;;) {
    const records = await readLog(system.brokers, ['orders', 'stock', 'stock-levels']);
    const { events, repeats, problems } = withoutRepeats(records);
    const result = audit(events);
    const isSettled = result.undecided + result.reservations + result.problems.length === 0;
    if (isSettled || Date.now() > limit) {
      return { repeats, result: { ...result, problems: [...problems, ...result.problems] } };
    }
    await pause(500);
  }
}
