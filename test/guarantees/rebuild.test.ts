import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { jest } from '@jest/globals';
import { Client } from 'pg';
import type { DataSource } from 'typeorm';
import type { NewEvent } from '#contracts/contract';
import { OrderSubmitted } from '#contracts/orders';
import {
  CartCheckedOut,
  CartViewed,
  ExitIntended,
  ItemAddedToCart,
  ItemRemovedFromCart,
  ProductViewed,
} from '#contracts/visitors';
import type { IncomingRecord } from '#log/envelope';
import { ProcessorWork } from '#log/processor-work';
import type { Processor } from '#log/processor';
import { rebuild } from '#log/rebuild';
import { stateTable } from '#log/tables';
import { LogWriter } from '#log/writer';
import { seeded } from '#testing/golden';
import { abandonment } from '../../apps/feedback/src/v1.ts';
import { stockLevel } from '../../apps/inventory/src/stock-level.ts';
import { orderProcess } from '../../apps/ordering/src/order-process.ts';
import { coViews } from '../../apps/recommendations/src/co-views.ts';
import { ranking } from '../../apps/recommendations/src/ranking.ts';
import { processors as shopProcessors } from '../../apps/shop/src/processors.ts';
import { livingPid, pidFiles, stopPid } from '../../tools/start/processes.ts';
import { ownDatabase, readAll, until } from '../log-harness.ts';
import { startSystem } from './orders-system.ts';
import type { System } from './orders-system.ts';
import { killOneByOne } from './orders-victims.ts';

const services = ['shop', 'ordering', 'inventory', 'recommendations', 'feedback'];
const processors = [abandonment, stockLevel, orderProcess, coViews, ranking, ...shopProcessors];
const YEAR_MS = 365 * 24 * 3600 * 1000;
const skus = ['CAMP-001', 'GAME-011', 'MUSC-006', 'CAMP-002', 'GAME-001', 'MUSC-001', 'CAMP-003'];

/** Processes that are left when all deaths are died. */
const LIVING = 8;

/** What one process made of the log: rows and outputs, as text to compare. */
interface Made {
  rows: Map<string, string>;
  outputs: Map<string, string>;
}

describe('a rebuild in an empty database', () => {
  let system: System;
  const live = new Map<Processor, Made>();
  const records = new Map<string, (IncomingRecord & { partition: number })[]>();
  const ends = new Map<Processor, Map<number, number>>();

  beforeAll(async () => {
    system = await startSystem(services);
    await liveThrough(system);
    await stopServices(system);
    for (const { topic } of processors) {
      if (!records.has(topic.name))
        records.set(topic.name, await readAll(topic.name, system.brokers));
    }
    for (const processor of processors) {
      const client = await connect(system, processor.service);
      ends.set(processor, await positions(client, processor));
      live.set(processor, {
        rows: await rowsOf((sql) => client.query(sql).then((r) => r.rows), processor),
        outputs: await outputsOnTheLog(system, client, processor),
      });
      await client.end();
    }
  }, 240_000);
  afterAll(() => system?.stop(), 60_000);

  it('had a history worth it: every processor moved, timers ran, outputs were made', () => {
    const idle = processors.filter((p) => [...ends.get(p)!.values()].every((end) => end === 0));
    expect(idle.map(({ name }) => name)).toEqual([]);
    const outputs = (p: Processor) => [...live.get(p)!.outputs.values()].join('\n');
    expect(outputs(abandonment)).toMatch(/CouponOffered|OfferWithheld/);
    expect(outputs(ranking)).toMatch(/RecommendationsChanged/);
    expect(outputs(orderProcess)).toMatch(/OrderConfirmed/);
    expect(repeated(records.get('visitors')!)).toBeGreaterThan(0);
    const ticks = records
      .get('visitors')!
      .filter(({ headers }) => `${headers.ce_type}` === 'TimePassed');
    expect(ticks.length).toBeGreaterThan(0);
  });

  for (const batchSize of [1, 1000]) {
    it(`is equal, ${batchSize} at a time, a year later`, async () => {
      const now = Date.now;
      const clock = jest.spyOn(Date, 'now').mockImplementation(() => now() + YEAR_MS);
      try {
        for (const processor of processors) await expectEqual(processor, processor, batchSize);
      } finally {
        clock.mockRestore();
      }
    }, 240_000);
  }

  it('is not, for a fold that reads the clock', async () => {
    const mutant: Processor = {
      ...abandonment,
      on(state, event, shared) {
        const decision = abandonment.on(state as never, event, shared);
        if (!decision?.state) return decision;
        return { ...decision, state: { ...decision.state, lastActionAt: Date.now() } };
      },
    };
    await expect(expectEqual(abandonment, mutant, 1000)).rejects.toThrow();
  }, 60_000);

  it('is not, for a fold that walks keys as jsonb orders them', async () => {
    const mutant: Processor = {
      ...abandonment,
      on(state, event, shared) {
        const decision = abandonment.on(state as never, event, shared);
        if (!decision?.state) return decision;
        return { ...decision, state: asJsonb(decision.state) as typeof decision.state };
      },
    };
    await expect(expectEqual(abandonment, mutant, 1000)).rejects.toThrow();
  }, 60_000);

  async function expectEqual(
    processor: Processor,
    run: Processor,
    batchSize: number,
  ): Promise<void> {
    const source = await ownDatabase([run]);
    try {
      for (const [partition, end] of ends.get(processor)!) {
        const topic = processor.topic.name;
        const history = records
          .get(topic)!
          .filter((r) => r.partition === partition && r.offset < end);
        await rebuild(
          source,
          new ProcessorWork(run),
          { topic, partition, cluster: '' },
          history,
          batchSize,
        );
      }
      const { rows, outputs } = live.get(processor)!;
      expect(await rowsOf((sql) => source.query(sql), processor)).toEqual(rows);
      expect(await outputsInOutbox(source)).toEqual(outputs);
    } finally {
      await source.destroy();
    }
  }
});

/** Shoppers, orders, duplicates and kills, with two replicas of what scales. */
async function liveThrough(system: System): Promise<void> {
  const deaths = [1, 2].map((n) => ({ point: 'anywhere' as const, afterMs: 4000 + 2500 * n }));
  const start = (service: string, place: string, dies = false) =>
    killOneByOne(system, service, place, dies ? deaths : [], () => undefined);
  const running = [
    start('shop', 'a'),
    start('ordering', 'a', true),
    start('ordering', 'b'),
    start('inventory', 'a', true),
    start('inventory', 'b'),
    start('recommendations', 'a', true),
    start('feedback', 'a', true),
    start('feedback', 'b'),
  ];
  const shop = await LogWriter.connect({
    brokers: system.brokers,
    service: 'shop',
    lane: 'shop:test',
  });
  const tag = await LogWriter.connect({ brokers: system.brokers, service: 'collector' });
  const random = seeded(7);
  for (let round = 0; round < 40; round += 1) {
    const { hits, cart } = visit(round, random);
    await Promise.all([tag.append(hits), shop.append(cart)]);
    if (round % 4 === 0) await tag.append(hits); // The tab sends again.
    await pause(100);
  }
  // The same lane and sequences once more, as a lost answer would make them.
  const twin = await LogWriter.connect({
    brokers: system.brokers,
    service: 'shop',
    lane: 'shop:test',
  });
  const again = seeded(7);
  for (let round = 0; round < 10; round += 1) await twin.append(visit(round, again).cart);
  await Promise.all(running);
  for (const processor of processors) {
    const client = await connect(system, processor.service);
    const moved = 'select 1 from log_positions where group_name = $1 and next_offset > 0';
    const hasMoved = async () => (await client.query(moved, [processor.name])).rows.length > 0;
    await until(`${processor.name} has moved`, hasMoved, 60_000);
    await client.end();
  }
  const feedback = await connect(system, 'feedback');
  await until(
    'somebody hesitated long enough',
    async () => {
      const { rows } = await feedback.query(
        `select 1 from feedback_abandonment where due_at is not null and state like '%STAY10%'`,
      );
      return rows.length > 0;
    },
    60_000,
  );
  await feedback.end();
  await Promise.all([shop.close(), tag.close(), twin.close()]);
}

function visit(round: number, random: () => number): { hits: NewEvent[]; cart: NewEvent[] } {
  const visitorId = `visitor-${round % 25}-x`;
  const pick = () => skus[Math.floor(random() * skus.length)]!;
  const euros = (cents: number) => ({ cents, currency: 'EUR' as const });
  const hit = (n: number) => ({
    visitorId,
    sessionId: 's',
    tab: `tab-${round}`,
    hit: n,
    site: 'shop',
    url: '/',
  });
  const hits: NewEvent[] = [1, 2, 3].map((n) => ProductViewed({ ...hit(n), sku: pick() }));
  hits.push(CartViewed(hit(4)));
  if (random() < 0.2) hits.push(ExitIntended(hit(5)));
  const chosen = [...new Set([pick(), pick(), pick()])];
  const item = (sku: string) => ({ visitorId, sku, quantity: 1, unitPrice: euros(1900) });
  const cart: NewEvent[] = chosen.map((sku) => ItemAddedToCart(item(sku)));
  if (random() < 0.3) cart.push(ItemRemovedFromCart(item(chosen[0]!)));
  if (random() < 0.5) {
    const orderId = `order-${round}-${visitorId}`;
    const total = euros(1900 * chosen.length);
    const lines = chosen.map((sku) => ({ sku, name: sku, quantity: 1, unitPrice: euros(1900) }));
    const customer = { name: 'A', email: 'a@example.org', address: 'B' };
    cart.push(CartCheckedOut({ visitorId, orderId, skus: chosen, total }));
    cart.push(OrderSubmitted({ orderId, visitorId, lines, total, customer }));
  }
  return { hits, cart };
}

/** What is compared must stand still: an order that is packed meanwhile would go out. */
async function stopServices({ dir }: System): Promise<void> {
  const files = pidFiles(dir).filter((file) => dirname(file) === join(dir, 'services'));
  expect(files.filter((file) => livingPid(file) !== null)).toHaveLength(LIVING);
  await Promise.all(files.map((file) => stopPid(file)));
}

async function connect({ urls }: System, service: string): Promise<Client> {
  const client = new Client({ connectionString: urls[service] });
  await client.connect();
  return client;
}

async function positions(client: Client, { name }: Processor): Promise<Map<number, number>> {
  const { rows } = await client.query(
    'select partition, next_offset, next_index from log_positions where group_name = $1',
    [name],
  );
  expect(rows.filter(({ next_index }) => next_index !== 0)).toEqual([]);
  return new Map(rows.map((row) => [row.partition, Number(row.next_offset)]));
}

async function rowsOf(
  query: (sql: string) => Promise<Record<string, unknown>[]>,
  processor: Processor,
): Promise<Map<string, string>> {
  const rows = await query(`select * from ${stateTable(processor)} order by key`);
  return new Map(rows.map((row) => [`${row.key}`, JSON.stringify(row)]));
}

/** Every output of this processor on the log, and what waited in its outbox when it was stopped. */
async function outputsOnTheLog(system: System, client: Client, processor: Processor) {
  const topics = new Set([...processor.appends].map(({ topic }) => topic.name));
  topics.add(`${processor.topic.name}.bad`);
  const values: string[] = [];
  for (const topic of topics) {
    for (const { value } of await readAll(topic, system.brokers)) values.push(value!.toString());
  }
  const { rows } = await client.query('select value from log_outbox');
  values.push(...rows.map(({ value }) => value as string));
  return outputsOf(values.filter((value) => value.includes(`"lane":"${processor.name}@`)));
}

async function outputsInOutbox(source: DataSource): Promise<Map<string, string>> {
  const rows: { value: string }[] = await source.query('select value from log_outbox');
  return outputsOf(rows.map(({ value }) => value));
}

/** By id: type, key, time and data. The same id twice must be the same output. */
function outputsOf(values: readonly string[]): Map<string, string> {
  const outputs = new Map<string, string>();
  for (const value of values) {
    const { id, type, subject, time, data } = JSON.parse(value);
    const text = JSON.stringify({ type, subject, time, data });
    expect(outputs.get(id) ?? text).toBe(text);
    outputs.set(id, text);
  }
  return new Map([...outputs].sort(([a], [b]) => (a < b ? -1 : 1)));
}

function repeated(all: readonly IncomingRecord[]): number {
  const places = all
    .filter(({ headers }) => headers.ce_lane)
    .map(({ headers }) => `${headers.ce_lane} ${headers.ce_sequence}`);
  return places.length - new Set(places).size;
}

/** As PostgreSQL keeps a jsonb object: keys by length, then by bytes. */
function asJsonb(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(asJsonb);
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([key, inner]) => [key, asJsonb(inner)] as const);
  entries.sort(([a], [b]) => a.length - b.length || (a < b ? -1 : 1));
  return Object.fromEntries(entries);
}
