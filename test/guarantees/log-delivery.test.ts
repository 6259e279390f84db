import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { isDeepStrictEqual } from 'node:util';
import { Kafka, logLevel, PartitionAssigners } from 'kafkajs';
import type { PartitionAssigner } from 'kafkajs';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { allPartitions, PARTITIONS } from '#contracts/contract';
import { BATCH_CONNECTIONS } from '#log/database';
import { connectKafka } from '#log/kafka';
import { batchRecords } from '#log/metrics';
import { silent } from '#log/log-sink';
import type { Processor } from '#log/processor';
import { stateTable } from '#log/tables';
import { within } from '#log/within';
import { LogWriter } from '#log/writer';
import { keyIn } from '#testing/keys';
import {
  append,
  brokers,
  isAtEnd,
  ownOfEachTest,
  ownTopic,
  positionOf,
  readAll,
  runProcessors,
  statesOf,
  surroundings,
  until,
  withAdmin,
} from '../log-harness.ts';
import { Tally, toy, typesOf } from './tally.ts';

/** With a column in which 10^9 is too much for the database. */
function withTotal(tally: ReturnType<typeof toy>['tally']): typeof tally {
  const of = ({ sum }: { sum: number }) => sum * 1e10;
  return { ...tally, columns: { total: { type: 'bigint', of } } };
}

const oneKeyOfEach = allPartitions.map((partition) => keyIn(partition));

const sums = async (source: DataSource, of: Processor<z.output<typeof Tally>>) =>
  Object.fromEntries([...(await statesOf(source, of))].map(([key, { sum }]) => [key, sum]));

/** Round robin by another name. */
const anotherAssigner: PartitionAssigner = (cluster) => {
  const roundRobin = PartitionAssigners.roundRobin(cluster);
  const protocol = (subscription: { topics: string[] }) => ({
    ...roundRobin.protocol(subscription),
    name: 'another',
  });
  return { ...roundRobin, name: 'another', protocol };
};

describe('the delivery loop', () => {
  const { stops, database } = ownOfEachTest();
  const start = async (source: DataSource, processors: Processor[]) => {
    stops.push(await runProcessors(await surroundings(source), processors));
  };
  const fixed = async (lane: string, events: Parameters<LogWriter['append']>[0]) => {
    const writer = await LogWriter.connect({ brokers, service: 'test', lane });
    await writer.append(events);
    await writer.close();
  };

  it('counts a redelivered event once', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    await start(source, [tally]);
    const events = Array.from({ length: 50 }, (_, i) => Added({ id: `k${i % 7}`, n: 1 }));
    await fixed('twice', events);
    await fixed('twice', events); // The same lane and sequences: what a lost answer makes.
    await append('test', [Added({ id: 'last', n: 1 })]);
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    const total = Object.values(await sums(source, tally)).reduce((a, b) => a + b, 0);
    expect(total).toBe(51);
  });

  it('passes over what nobody reads, without a transaction, and saves how far it came', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const Remarked = topic.event('Remarked', 'Of no use.', { writer: 'test' }, { id: z.string() });
    const source = await database([tally]);
    await start(source, [tally]);
    await append(
      'test',
      Array.from({ length: 20 }, (_, i) => Remarked({ id: `k${i}` })),
    );
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    const offsets = await withAdmin(async (admin) => {
      const told = () => admin.fetchOffsets({ groupId: tally.name, topics: [topic.name] });
      return until('Kafka is told', async () => {
        const [at] = await told();
        const sum = at!.partitions.reduce((n, { offset }) => n + Math.max(0, Number(offset)), 0);
        return sum === 20 && at!.partitions;
      });
    });
    expect(offsets).toHaveLength(PARTITIONS);
    const { values } = await batchRecords.get();
    expect(values.filter(({ labels }) => labels.group === tally.name)).toEqual([]);
    await append('test', [Added({ id: 'k0', n: 1 })]);
    await until('the sum', async () => (await sums(source, tally)).k0 === 1);
  });

  it('leaves connections to the doors, however many groups have work', async () => {
    const topics = Array.from({ length: BATCH_CONNECTIONS + 2 }, () => ownTopic());
    const toys = (await Promise.all(topics)).map((topic) => toy(topic));
    const tallies = toys.map(({ tally }) => tally);
    const source = await database(tallies);
    await start(source, tallies);
    const claimed = () => source.query('select from log_positions');
    await until(
      'all is claimed',
      async () => (await claimed()).length === toys.length * PARTITIONS,
    );
    const runner = source.createQueryRunner();
    await runner.startTransaction();
    try {
      await runner.query('lock table log_positions');
      for (const { Added } of toys) {
        await append(
          'test',
          Array.from({ length: 50 }, (_, i) => Added({ id: `k${i}`, n: 1 })),
        );
      }
      await until('as many wait as may', async () => {
        const waiting = await runner.query('select from pg_locks where not granted');
        return waiting.length >= BATCH_CONNECTIONS;
      });
      const others = Array.from({ length: 2 }, () => source.query('select 1 as answer'));
      expect(await within(2_000, Promise.all(others))).toEqual(others.map(() => [{ answer: 1 }]));
    } finally {
      await runner.rollbackTransaction();
      await runner.release();
    }
    for (const { name, topic } of tallies) {
      await until('the end', () => isAtEnd(source, name, topic.name));
    }
  });

  it('reads a silent log anew when its database was lost', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const all = { a: 1, b: 1, c: 1 };
    const first = await database([tally]);
    await start(first, [tally]);
    await append(
      'test',
      Object.keys(all).map((id) => Added({ id, n: 1 })),
    );
    await until('all are counted', async () => isDeepStrictEqual(await sums(first, tally), all));
    await until('all are woken', async () => (await typesOf(topic.name, 'Woken')).length === 3);
    await stops.pop()!();
    // Kafka remembers how far the group had come, and no new record brings it to look.
    await withAdmin(async (admin) => {
      const ends = await admin.fetchTopicOffsets(topic.name);
      const partitions = ends.map(({ partition, high }) => ({ partition, offset: high }));
      await admin.setOffsets({ groupId: tally.name, topic: topic.name, partitions });
    });
    const second = await database([tally]);
    await start(second, [tally]);
    // Not equal: what was published is published a second time, and read as seen.
    await until(
      'it has read as far',
      async () => (await positionOf(second, tally.name)) >= (await positionOf(first, tally.name)),
    );
    expect(await sums(second, tally)).toEqual(all);
  });

  it('wakes a silent partition, once, and says so on the log', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    await start(source, [tally]);
    await append('test', [Added({ id: 'sleeper', n: 1 })]);
    await until('woken', async () => (await typesOf(topic.name, 'Woken')).length > 0);
    const states = await statesOf(source, tally);
    expect(states.get('sleeper')).toEqual({ sum: 1, woken: 1 });
    expect((await typesOf(topic.name, 'TimePassed')).length).toBeGreaterThan(0);
  });

  it('goes on when the leader of its group dies before it handed out partitions', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    await append('test', [Added({ id: 'a', n: 1 })]);
    const script = fileURLToPath(new URL('dying-leader.mjs', import.meta.url));
    const leader = fork(script, [brokers.join(','), tally.name, topic.name]);
    const died = once(leader, 'exit');
    await once(leader, 'message');

    const lines: string[] = [];
    const say = (line: string) => void lines.push(line);
    const client = connectKafka(brokers, 'test', { ...silent, debug: say, warn: say });
    stops.push(await runProcessors({ ...(await surroundings(source)), client }, [tally]));
    expect((await died)[1]).toBe('SIGKILL');
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    expect(await sums(source, tally)).toEqual({ a: 1 });
    // Who crashes joins as somebody else and leaves a ghost, for which the next round waits again.
    expect(lines.filter((line) => /crash/i.test(line))).toEqual([]);
  });

  it('reads on after its client gave up for ever', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    await append('test', [Added({ id: 'a', n: 1 })]);
    // As long as a member speaks another protocol, the broker refuses ours with a final answer.
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const stranger = kafka.consumer({ groupId: tally.name, partitionAssigners: [anotherAssigner] });
    const joined = new Promise((resolve) => stranger.on(stranger.events.GROUP_JOIN, resolve));
    await stranger.subscribe({ topics: [topic.name] });
    await stranger.run({ autoCommit: false, eachBatch: async () => {} });
    await joined;

    const warnings: string[] = [];
    const sink = { ...silent, warn: (line: string) => void warnings.push(line) };
    stops.push(await runProcessors({ ...(await surroundings(source)), sink }, [tally]));
    await until('it gave up', async () =>
      warnings.some((line) => line.includes('stopped reading')),
    );
    await stranger.disconnect();
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    expect(await sums(source, tally)).toEqual({ a: 1 });
  });

  it('keeps poison on the bad track and goes on', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    await start(source, [tally]);
    const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
    const producer = kafka.producer();
    await producer.connect();
    await producer.send({
      topic: topic.name,
      messages: [
        { key: 'p', value: 'not json' },
        { key: 'p', value: '{"type":"Added"}' },
        { key: null, value: JSON.stringify({ type: 'Added', id: 'x', source: '/test', data: {} }) },
      ],
    });
    await producer.disconnect();
    await append('test', [Added({ id: 'p', n: -1 }), Added({ id: 'p', n: 5 })]);
    await until('the good one', async () => (await sums(source, tally)).p === 5);
    const bad = await until('four on the bad track', async () => {
      const records = await readAll(`${topic.name}.bad`);
      return records.length === 4 && records;
    });
    const told = bad.map(({ value }) => JSON.parse(value!.toString()).data);
    expect(told.map(({ group }) => group)).toEqual(Array(4).fill(tally.name));
    expect(told.map(({ reason }) => reason).sort()).toEqual([
      expect.stringMatching(/Added has no key/),
      expect.stringMatching(/n must not be negative/),
      expect.stringMatching(/CloudEvents attribute source is missing/),
      expect.stringMatching(/not a CloudEvent/),
    ]);
    expect(
      Buffer.from(told.find((t) => /not a Cloud/.test(t.reason))!.value, 'base64').toString(),
    ).toBe('not json');
  });

  it('gives partitions to a second replica, and nothing is lost or doubled', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    await start(source, [tally]);
    const events = (from: number) =>
      Array.from({ length: 300 }, (_, i) => Added({ id: `k${(from + i) % 40}`, n: 1 }));
    await append('test', events(0));
    await start(source, [tally]);
    await append('test', events(300));
    await stops.shift()!();
    await append('test', events(600));
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    const total = Object.values(await sums(source, tally)).reduce((a, b) => a + b, 0);
    expect(total).toBe(900);
    const reports = await typesOf(topic.name, 'Reported');
    expect(new Set(reports).size).toBe(reports.length);
    expect(reports.length).toBe(80); // 40 keys reach 22 or 23: each reports 10 and 20.
  });

  it('waits for a newer version of a known type, and says so', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    const around = await surroundings(source);
    const said: string[] = [];
    around.sink = { ...around.sink, warn: (line) => void said.push(line) };
    stops.push(await runProcessors(around, [tally]));
    await append('test', [Added({ id: 'v', n: 1 }), { ...Added({ id: 'v', n: 2 }), version: 2 }]);
    await until('the sentence', async () => said.some((line) => /has version 2.*waits/.test(line)));
    expect(await sums(source, tally)).toEqual({ v: 1 });
    expect(await readAll(`${topic.name}.bad`)).toEqual([]);
  });

  it('passes over a record that is addressed to another group', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    await append('test', [Added({ id: 'a', n: 1 })]);
    const [sent] = await readAll(topic.name);
    const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
    await producer.connect();
    const again = (addressee: string) => ({
      key: 'a',
      value: sent!.value,
      partition: sent!.partition,
      headers: { ce_type: 'Added', addressee },
    });
    await producer.send({
      topic: topic.name,
      messages: [again('test.somebody-else'), again(tally.name)],
    });
    await producer.disconnect();
    await start(source, [tally]);
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    expect(await sums(source, tally)).toEqual({ a: 2 });
  });

  it('counts once what it has to do again because the database refuses a value beside it', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const counted = withTotal(tally);
    const source = await database([counted]);
    await start(source, [counted]);
    await append('test', [Added({ id: 'k', n: 1 })]);
    await until('it is kept', () => isAtEnd(source, tally.name, topic.name));
    await append(
      'test',
      [2, 1e9, 4].map((n) => Added({ id: 'k', n })),
    );
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    expect(await sums(source, counted)).toEqual({ k: 7 });
    expect(await readAll(`${topic.name}.bad`)).toHaveLength(1);
  });

  it('shares a transaction between partitions that have little to do', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const source = await database([tally]);
    await append(
      'test',
      oneKeyOfEach.map((id) => Added({ id, n: 1 })),
    );
    await start(source, [tally]);
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    const [{ rows, transactions }] = await source.query(
      `select count(*)::int as rows, count(distinct xmin::text)::int as transactions
       from ${stateTable(tally)}`,
    );
    expect(rows).toBe(PARTITIONS);
    expect(transactions).toBeLessThan(PARTITIONS);
  });

  it('does not let a partition hold up those that share a transaction with it', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    const counted = withTotal(tally);
    const source = await database([counted]);
    const refused = oneKeyOfEach[2]!;
    await append(
      'test',
      oneKeyOfEach.map((id) => Added({ id, n: id === refused ? 1e9 : 1 })),
    );
    await start(source, [counted]);
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
    const others = oneKeyOfEach.filter((id) => id !== refused);
    expect(await sums(source, counted)).toEqual(Object.fromEntries(others.map((id) => [id, 1])));
    expect(await readAll(`${topic.name}.bad`)).toHaveLength(1);
  });
});
