import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { EventType, NewEvent } from '#contracts/contract';
import { OrderSubmitted, orders } from '#contracts/orders';
import '#contracts/all';
import { ProcessorWork } from '#log/processor-work';
import type { Processor } from '#log/processor';
import { rebuild } from '#log/rebuild';
import { createTopics } from '#log/topics';
import { orderView } from '../../apps/shop/src/order-view.ts';
import {
  append,
  brokers,
  ownDatabase,
  readAll,
  runProcessors,
  statesOf,
  surroundings,
  until,
} from '../log-harness.ts';

/**
 * OrderSubmitted went from version 1 to 2. Here the update rolls: writers of both versions at once,
 * and a reader that knows version 1 only until the new one takes over, in the same group.
 */

const schemaFile = 'libs/contracts/schemas/orders/OrderSubmitted.1.json';
const version1 = JSON.parse(readFileSync(schemaFile, 'utf8'));
/** The declaration before the update, from the schema that was committed with it. */
const OrderSubmittedV1: EventType = Object.assign(OrderSubmitted.bind(null), OrderSubmitted, {
  version: 1,
  schema: z.fromJSONSchema(version1) as z.ZodObject,
  upcasts: {},
});

/** Names of this test alone: other tests use the topic as well. */
const run = randomUUID().slice(0, 8);
const group = `shop.view-${run}`;
const after: Processor = { ...orderView, name: group };
/** It kept no more of a coupon than there was. */
const before: Processor = {
  ...after,
  reads: new Map([...after.reads, [OrderSubmittedV1.type, OrderSubmittedV1]]),
  state: z.any(),
};

const euros = (cents: number) => ({ cents, currency: 'EUR' as const });
const goods = {
  visitorId: 'visitor-1',
  lines: [{ sku: 'MUG', name: 'A mug', quantity: 3, unitPrice: euros(333) }],
  total: euros(900),
  customer: { name: 'Ada', email: 'ada@example.org', address: 'Lane 1' },
};
const coupon = { code: 'STAY10-ABCD', percent: 10 };
const orderId = (i: number) => `order-${run}-${i}`;

const newWay = (i: number) =>
  OrderSubmitted({
    ...goods,
    orderId: orderId(i),
    coupon: { ...coupon, discount: euros(99) },
  });
/** As a shop writes it that is not updated yet. */
const oldWay = (i: number): NewEvent => ({
  ...newWay(i),
  version: 1,
  data: { ...goods, orderId: orderId(i), coupon },
});

describe('a rolling update from version 1 to 2', () => {
  let source: DataSource;
  const stops: (() => Promise<void>)[] = [];
  const said: string[] = [];
  const start = async (processor: Processor) => {
    const around = await surroundings(source, 'shop');
    around.sink = { ...around.sink, warn: (line) => void said.push(line) };
    const stop = await runProcessors(around, [processor]);
    stops.push(stop);
    return stop;
  };
  const shown = async () =>
    [...(await statesOf(source, after)).keys()].filter((key) => key.includes(run));
  const ofThisRun = async () =>
    (await readAll(orders.name)).filter(({ key }) => key?.toString().includes(run));
  const partitionsOf = async (version: number) =>
    new Set(
      (await ofThisRun())
        .filter(({ value }) => JSON.parse(value!.toString()).dataschema.endsWith(`/${version}`))
        .map(({ partition }) => partition),
    );

  beforeAll(async () => {
    await createTopics(brokers);
    source = await ownDatabase([after]);
  });
  afterAll(async () => {
    for (const stop of stops) await stop();
    await source?.destroy();
  });

  it('lets old readers wait, and nobody loses an order', async () => {
    const numbers = (from: number, count: number) =>
      Array.from({ length: count }, (_, i) => from + i);
    await append('shop', numbers(0, 12).map(oldWay));
    const stopOld = await start(before);
    await until('the old reader showed the old orders', async () => (await shown()).length === 12);

    // Each kind in turn, so that old orders lie behind new ones.
    const mixed = numbers(12, 24).map((i) => (i % 2 === 0 ? newWay(i) : oldWay(i)));
    await append('shop', mixed);
    const newIn = await partitionsOf(2);
    const waits = /OrderSubmitted has version 2; this service knows 1 and waits/;
    await until('it said so of each partition', async () => {
      const places = said
        .filter((line) => waits.test(line))
        .map((line) => /orders-\d/.exec(line)?.[0]);
      return new Set(places).size === newIn.size;
    });
    const states = Object.values(Object.fromEntries(await statesOf(source, after)));
    expect(states.filter(({ coupon }) => coupon.discount !== undefined)).toEqual([]);

    await start(after);
    await stopOld();
    await until('the new reader showed all', async () => (await shown()).length === 36);
    const all = await statesOf(source, after);
    for (const i of numbers(12, 24)) {
      // Old orders before the first new one of their partition were the old reader's.
      const discount = i % 2 === 0 ? { discount: euros(99) } : {};
      expect([i, all.get(orderId(i))!.coupon]).toMatchObject([
        i,
        { code: coupon.code, ...discount },
      ]);
    }
    const bad = await readAll(`${orders.name}.bad`);
    expect(bad.filter(({ value }) => value!.toString().includes(group))).toEqual([]);
    const [{ skips }] = await source.query('select count(*)::int as skips from log_skips');
    expect(skips).toBe(0);
  });

  it('reads both versions again, from the bytes on the log', async () => {
    const records = await ofThisRun();
    const fresh = await ownDatabase([after]);
    try {
      for (const partition of new Set(records.map((record) => record.partition))) {
        const history = records.filter((record) => record.partition === partition);
        const place = { topic: orders.name, partition, cluster: '' };
        await rebuild(fresh, new ProcessorWork(after), place, history, 1000);
      }
      const states = [...(await statesOf(fresh, after)).values()];
      expect(states.map(({ coupon }) => coupon)).toEqual(
        Array(36).fill({ code: coupon.code, discount: euros(99) }),
      );
    } finally {
      await fresh.destroy();
    }
  });
});
