import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import pLimit from 'p-limit';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { stream } from '#contracts/contract';
import type { NewEvent, Topic } from '#contracts/contract';
import { badTrackOf } from '#contracts/bad';
import { BATCH_CONNECTIONS } from '#log/database';
import { Delivery } from '#log/delivery';
import type { Surroundings } from '#log/delivery';
import type { IncomingRecord } from '#log/envelope';
import { connectKafka, withAdmin as askCluster } from '#log/kafka';
import type { LogHealth } from '#log/log-health';
import { silent } from '#log/log-sink';
import { ProcessorWork } from '#log/processor-work';
import type { Processor } from '#log/processor';
import { Producer } from '#log/producer';
import { Relay } from '#log/relay';
import { Views } from '#log/views';
import { readSpans, spansOf } from '#log/read-span';
import { clientSecurity, readSecurity } from '#log/security';
import { stateTable } from '#log/tables';
import { createTopics } from '#log/topics';
import type { Work } from '#log/work';
import { LogWriter } from '#log/writer';
import { createDatabase } from '#testing/database';

export const brokers = process.env.TEST_KAFKA_BROKERS!.split(',');
const adminUrl = process.env.TEST_DATABASE_URL!;

/** A topic of this test alone, with its bad track, declared and created. */
export async function ownTopic(): Promise<Topic> {
  const topic = stream(`test-${randomUUID()}`, { key: 'id' });
  badTrackOf(topic.name);
  await createTopics(brokers);
  return topic;
}

/** An empty database of this test alone, with the tables of these processors. */
export function ownDatabase(processors: readonly Processor[]): Promise<DataSource> {
  return createDatabase(adminUrl, `test_${randomUUID().replaceAll('-', '')}`, processors);
}

/** For a suite: loops to stop, and databases, which end with the test that made them. */
export function ownOfEachTest() {
  const stops: (() => Promise<void>)[] = [];
  const sources: DataSource[] = [];
  afterEach(async () => {
    for (const stop of stops.splice(0)) await stop();
    for (const source of sources.splice(0)) await source.destroy();
  });
  const database = async (processors: readonly Processor[] = []) => {
    const source = await ownDatabase(processors);
    sources.push(source);
    return source;
  };
  return { stops, database };
}

/** One process of a service, without the process: its loops on a database and a broker. */
export async function surroundings(
  dataSource: DataSource,
  service = 'test',
): Promise<Surroundings> {
  const client = connectKafka(brokers, service, silent);
  const producer = new Producer(client);
  await producer.connect();
  const relay = new Relay(dataSource, producer, silent);
  const { clusterId } = await withAdmin((admin) => admin.describeCluster());
  const inTurn = pLimit(BATCH_CONNECTIONS);
  return {
    client,
    cluster: clusterId,
    dataSource,
    relay,
    producer,
    views: new Views(dataSource),
    sink: silent,
    service,
    inTurn,
    groups: 1,
  };
}

/** Starts the loops, which `health` watches; returns how to stop them. */
export async function deliver(
  around: Surroundings,
  works: readonly Work[],
  health?: LogHealth,
): Promise<() => Promise<void>> {
  around.relay.start();
  const deliveries = works.map((work) => new Delivery(work, around));
  await Promise.all(deliveries.map((delivery) => delivery.start()));
  health?.started(deliveries.map((delivery) => delivery.health));
  return async () => {
    await health?.close();
    await Promise.all(deliveries.map((delivery) => delivery.stop()));
    await around.relay.stop();
    await around.producer.close();
  };
}

/** {@link deliver} for processors. */
export function runProcessors(around: Surroundings, processors: readonly Processor[]) {
  return deliver(
    around,
    processors.map((p) => new ProcessorWork(p)),
  );
}

export async function append(service: string, events: readonly NewEvent[]): Promise<void> {
  const writer = await LogWriter.connect({ brokers, service });
  await writer.append(events);
  await writer.close();
}

/** Every record of a topic there is now, by partition, in order. */
export async function readAll(
  topic: string,
  from: readonly string[] = brokers,
): Promise<(IncomingRecord & { partition: number })[]> {
  const records: (IncomingRecord & { partition: number })[] = [];
  const spans = await withAdmin((admin) => spansOf(admin, [topic]), from);
  await readSpans(client(from), spans, (_, partition, record) => {
    records.push({ partition, ...record });
  });
  return records.sort((a, b) => a.partition - b.partition || a.offset - b.offset);
}

export function withAdmin<T>(
  work: (admin: ReturnType<Kafka['admin']>) => Promise<T>,
  at: readonly string[] = brokers,
): Promise<T> {
  return askCluster(client(at), work);
}

/** Logs in when the environment has a login: the tests' own broker knows no users. */
function client(at: readonly string[]): Kafka {
  const security = clientSecurity(readSecurity(process.env));
  return new Kafka({ brokers: [...at], logLevel: logLevel.NOTHING, ...security });
}

/**
 * Waits until `probe` gives something, at most `limitMs`. Between two looks it rests twice as long as one
 * takes: what it waits for needs the processors more.
 */
export async function until<T>(
  what: string,
  probe: () => Promise<T | null | undefined | false>,
  limitMs = 60_000,
): Promise<T> {
  const limit = Date.now() + limitMs;
  for (;;) {
    const from = Date.now();
    const found = await probe();
    if (found) return found;
    if (Date.now() > limit) throw new Error(`Not in ${limitMs} ms: ${what}`);
    await pause(Math.max(25, 2 * (Date.now() - from)));
  }
}

/** The rows of a processor, by key, as JSON. */
export async function statesOf<S>(source: DataSource, processor: Processor<S>) {
  const rows: { key: string; state: string }[] = await source.query(
    `select key, state from ${stateTable(processor)} where state is not null order by key`,
  );
  return new Map(rows.map(({ key, state }) => [key, JSON.parse(state) as S]));
}

/** Where a group stands, summed over the partitions of a topic. */
export async function positionOf(source: DataSource, group: string): Promise<number> {
  const [row] = await source.query(
    'select coalesce(sum(next_offset), 0) as n from log_positions where group_name = $1',
    [group],
  );
  return Number(row.n);
}

/** The group has done all there is, and nothing of it waits to be published. */
export async function isAtEnd(source: DataSource, group: string, topic: string): Promise<boolean> {
  const ends = await withAdmin((admin) => admin.fetchTopicOffsets(topic));
  const end = ends.reduce((sum, { high }) => sum + Number(high), 0);
  if ((await positionOf(source, group)) !== end) return false;
  const [{ waiting }] = await source.query('select count(*)::int as waiting from log_outbox');
  return waiting === 0;
}

export const Id = z.string().max(64);
