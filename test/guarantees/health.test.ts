import { randomUUID } from 'node:crypto';
import { register } from 'prom-client';
import { z } from 'zod';
import { HandlerWork } from '#log/handler-work';
import { LogHealth } from '#log/log-health';
import type { LogSink } from '#log/log-sink';
import { silent } from '#log/log-sink';
import type { Readiness } from '#service/health.controller';
import { append, deliver, ownDatabase, ownTopic, surroundings, until } from '../log-harness.ts';
import { startService, startSystem } from './orders-system.ts';
import type { System } from './orders-system.ts';

describe('a service whose servers go away', () => {
  let system: System;
  const ports = new Map<string, number>();
  beforeAll(async () => {
    system = await startSystem(['shop', 'inventory']);
    for (const service of ['shop', 'inventory', 'collector']) {
      const env = { DELIVERIES_SECRET: 'secret' };
      ports.set(service, (await startService(system, service, `${service}-1`, env)).port);
    }
    for (const service of ports.keys()) await untilReady(service);
  }, 120_000);
  afterAll(() => system?.stop());

  const ask = (service: string, path: string, init: RequestInit = {}) =>
    fetch(`http://127.0.0.1:${ports.get(service)}/${path}`, init);
  /** Its answer, once the service answers with this status. */
  const ready = (service: string, status: number, why = /./) =>
    until(
      `${service} answers ${status}`,
      async () => {
        const answer = await ask(service, 'readyz').catch(() => null);
        const body = (await answer?.json()) as Readiness;
        return answer?.status === status && why.test(JSON.stringify(body)) && body;
      },
      60_000,
    );
  const untilReady = (service: string) => ready(service, 200, /^\{"status":"ready"\}$/);
  /** The value of a metric without labels; null when it has none. */
  const metric = async (service: string, name: string) => {
    const text = await (await ask(service, 'metrics')).text();
    const value = new RegExp(`^${name} (.*)$`, 'm').exec(text)?.[1];
    return value === undefined ? null : Number(value);
  };
  const outboxIs = (records: number) =>
    until(
      `${records} in the outbox of the shop`,
      async () => (await metric('shop', 'log_outbox_records')) === records,
    );

  it('says that its database is away, answers all the same, and comes back by itself', async () => {
    await outboxIs(0);
    await system.postgres.stop();
    for (const service of ['shop', 'inventory']) {
      const { status, reasons } = await ready(service, 503, /database/);
      expect(status).toBe('not ready');
      expect(reasons).toContainEqual(
        expect.stringMatching(/^The database does not answer, for .* s: ./),
      );
    }
    expect((await ask('shop', 'healthz')).status).toBe(200);
    expect((await ask('shop', 'metrics')).status).toBe(200);
    const products = await ask('shop', 'api/products');
    expect([products.status, products.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await products.json()).toEqual({ error: expect.stringContaining('database') });
    expect((await ready('collector', 200)).status).toBe('ready'); // It has none.
    await system.postgres.restart();
    for (const service of ports.keys()) await untilReady(service);
  }, 120_000);

  it('says that the broker is away; the shop sells on, and what it sold comes out', async () => {
    await system.broker.stop();
    const sku = 'CAMP-001';
    const put = await ask('shop', 'api/cart/items', {
      method: 'POST',
      headers: { 'content-type': 'application/json', cookie: `visitor=${randomUUID()}` },
      body: JSON.stringify({ sku, quantity: 1 }),
    });
    expect(put.status).toBe(200);
    const { reasons } = await ready('collector', 503);
    expect(reasons).toEqual([expect.stringMatching(/^Kafka does not answer, for .* s: ./)]);
    const inventory = await ready('inventory', 503);
    expect(inventory.reasons).toContainEqual(
      // The client may have given up and begun anew; that is said instead.
      expect.stringMatching(
        /^inventory\.stock-level (has not heard from Kafka|stopped reading,) for \d+ s/,
      ),
    );
    const { notes } = await ready('shop', 200, /outbox.*heard from Kafka/);
    expect(notes).toContainEqual(
      expect.stringMatching(/^The outbox is not published, for .* s: ./),
    );
    await outboxIs(1);
    expect(await metric('shop', 'log_outbox_oldest_seconds')).toBeGreaterThan(0);
    await system.broker.restart();
    for (const service of ports.keys()) await untilReady(service);
    await outboxIs(0);
    expect(await metric('shop', 'log_outbox_oldest_seconds')).toBe(0);
  }, 120_000);
});

describe('a consumer group', () => {
  const stops: (() => Promise<unknown>)[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0).reverse()) await stop();
  });

  /** A group whose handler fails while `broken` is set. */
  async function group(sink: LogSink) {
    const topic = await ownTopic();
    const Added = topic.event('Added', 'A number came.', { writer: 'test' }, { id: z.string() });
    const source = await ownDatabase([]);
    stops.push(() => source.destroy());
    const handler = { broken: false };
    const name = `test.health-${randomUUID().slice(0, 8)}`;
    const start = async () => {
      const work = new HandlerWork(name, 'test', [topic]);
      work.add(Added, async () => {
        if (handler.broken) throw new Error('the shelf is locked');
      });
      const around = { ...(await surroundings(source)), sink };
      const health = new LogHealth(around);
      const stop = await deliver(around, [work], health);
      stops.push(stop);
      return health;
    };
    return { topic, Added, name, handler, start };
  }
  /** Values of a gauge for one group, by partition, as they are now. */
  const measured = async (health: LogHealth, name: string, of: string) => {
    await health.measure();
    const { values } = await register.getSingleMetric(name)!.get();
    const mine = values.filter(({ labels }) => labels.group === of);
    return Object.fromEntries(mine.map(({ labels, value }) => [labels.partition, value]));
  };
  const sum = (values: Record<string, number>) => Object.values(values).reduce((a, b) => a + b, 0);
  const listen = () => {
    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    return { lines, sink: { ...silent, log: say, warn: say } };
  };

  it('shows a partition that is held back, says so twice, and lag that nobody works off', async () => {
    const { lines, sink } = listen();
    const { topic, Added, name, handler, start } = await group(sink);
    handler.broken = true;
    const health = await start();
    await append(
      'test',
      [1, 2, 3].map(() => Added({ id: 'a' })),
    );
    const paused = await until('a partition is held back', async () => {
      const found = await measured(health, 'log_partition_paused', name);
      return sum(found) === 1 && found;
    });
    const partition = Object.keys(paused).find((each) => paused[each] === 1)!;
    const held = `${name} holds ${topic.name}-${partition} back`;
    expect((await health.complaints()).map(({ says }) => says)).toEqual([
      expect.stringMatching(new RegExp(`^${held}, for .* s: the shelf is locked$`)),
    ]);
    // What comes meanwhile is counted, though nothing of the partition is fetched.
    await append(
      'test',
      [4, 5].map(() => Added({ id: 'a' })),
    );
    await until('five wait', async () => {
      const lag = await measured(health, 'log_lag_records', name);
      return lag[partition] === 5 && sum(lag) === 5;
    });
    const behind = await measured(health, 'log_time_behind_seconds', name);
    expect(Object.keys(behind).filter((each) => behind[each]! > 0)).toEqual([partition]);
    await until('it blocks', async () => (await health.complaints())[0]!.blocks);

    handler.broken = false;
    await until('it goes on', async () => (await health.complaints()).length === 0);
    await until(
      'nothing waits',
      async () => sum(await measured(health, 'log_lag_records', name)) === 0,
    );
    expect(sum(await measured(health, 'log_partition_paused', name))).toBe(0);
    expect(sum(await measured(health, 'log_time_behind_seconds', name))).toBe(0);
    expect(lines).toEqual([
      `${name} has all 6 partitions of ${topic.name} now`,
      `${held}: the shelf is locked; it is tried again until it works`,
      expect.stringMatching(`^${name} reads ${topic.name}-${partition} again, after \\d+ tries in`),
    ]);
  });

  it('measures the partitions it has; those that moved away are gone', async () => {
    const { lines, sink } = listen();
    const { topic, name, start } = await group(sink);
    const first = await start();
    const partitionsOf = async (health: LogHealth) =>
      Object.keys(await measured(health, 'log_lag_records', name));
    await until('all are measured', async () => (await partitionsOf(first)).length === 6);
    const second = await start();
    const [kept, taken] = await until('each has three', async () => {
      const both = [await partitionsOf(first), await partitionsOf(second)] as const;
      return both.every((each) => each.length === 3) && both;
    });
    expect([...kept, ...taken].sort()).toEqual(['0', '1', '2', '3', '4', '5']);
    expect(lines.filter((line) => line.includes('moved away'))).toEqual([
      `${name} has 3 of 6 partitions of ${topic.name} (${kept.join(', ')}) now: ` +
        `${taken.join(', ')} moved away`,
    ]);
  });
});
