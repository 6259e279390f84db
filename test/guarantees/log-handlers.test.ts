import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import type { EventType, LogEvent } from '#contracts/contract';
import { HandlerWork } from '#log/handler-work';
import { RecordRefusedError } from '#log/on';
import type { LogContext } from '#log/on';
import {
  append,
  deliver,
  isAtEnd,
  ownOfEachTest,
  ownTopic,
  positionOf,
  readAll,
  surroundings,
  until,
} from '../log-harness.ts';
import { toy, typesOf } from './tally.ts';

describe('handler methods', () => {
  const { stops, database } = ownOfEachTest();
  const handled = async (call: (n: number, tx: LogContext) => Promise<void>) => {
    const topic = await ownTopic();
    const { Added, Reported } = toy(topic);
    const source = await database();
    await source.query('create table numbers (id text primary key, n int not null)');
    const around = await surroundings(source);
    const work = new HandlerWork(`test.handler-${randomUUID().slice(0, 8)}`, 'test', [topic]);
    work.add(Added, (event, log) => call((event as { data: { n: number } }).data.n, log));
    stops.push(await deliver(around, [work]));
    return { topic, Added, Reported, source, work };
  };
  const numbers = async (source: DataSource) =>
    (await source.query('select n from numbers order by n')).map(({ n }: { n: number }) => n);

  it('commits rows and events together, and tries a failure again', async () => {
    let failures = 2;
    const made: { Reported?: EventType } = {};
    const { topic, Added, source, work, ...rest } = await handled(async (n, log) => {
      await log.tx.query('insert into numbers values ($1, $2)', [`${n}`, n]);
      log.append(made.Reported!({ id: 'r', sum: n }));
      if (n === 3 && failures-- > 0) throw new Error('not now');
    });
    made.Reported = rest.Reported;
    await append(
      'test',
      [1, 2, 3, 4].map((n) => Added({ id: 'x', n })),
    );
    await until('all four', async () => (await numbers(source)).length === 4);
    await until('four reports', async () => (await typesOf(topic.name, 'Reported')).length === 4);
    await until('the end', () => isAtEnd(source, work.group, topic.name));
    expect(failures).toBe(-1);
    expect(new Set(await typesOf(topic.name, 'Reported')).size).toBe(4);
  });

  it('hands a batch over up to the record that must wait for a newer version', async () => {
    const topic = await ownTopic();
    const { Added } = toy(topic);
    const source = await database();
    const around = await surroundings(source);
    const work = new HandlerWork(`test.batches-${randomUUID().slice(0, 8)}`, 'test', [topic]);
    const handed: number[] = [];
    work.add(null, async (events) => {
      for (const { data } of events as LogEvent<string, { n: number }>[]) handed.push(data.n);
    });
    const known = [1, 2, 3].map((n) => Added({ id: 'v', n }));
    await append('test', [...known, { ...Added({ id: 'v', n: 4 }), version: 2 }]);
    stops.push(await deliver(around, [work]));
    await until('three were done', async () => (await positionOf(source, work.group)) === 3);
    expect(handed).toEqual([1, 2, 3]);
  });

  it('finds a value that the database refuses, and goes on without it', async () => {
    const made: { Reported?: EventType } = {};
    const { topic, Added, source, ...rest } = await handled(async (n, log) => {
      await log.tx.query('insert into numbers values ($1, $2::int)', [`${n}`, n]);
      log.append(made.Reported!({ id: 'r', sum: n }));
      if (n === 5) throw new RecordRefusedError('five is not wanted');
    });
    made.Reported = rest.Reported;
    const all = [1, 2, 3_000_000_000, 4, 5, 6].map((n) => Added({ id: 'x', n }));
    await append('test', all);
    await until('the others', async () => (await numbers(source)).length === 4);
    expect(await numbers(source)).toEqual([1, 2, 4, 6]);
    const bad = await until('two bad', async () => {
      const records = await readAll(`${topic.name}.bad`);
      return records.length === 2 && records;
    });
    const reasons = bad.map(({ value }) => JSON.parse(value!.toString()).data.reason).sort();
    expect(reasons).toEqual([
      expect.stringMatching(/five is not wanted/),
      expect.stringMatching(/database refuses a value/),
    ]);
    // What the handler did for the refused ones is undone.
    const reports = await typesOf(topic.name, 'Reported');
    expect(new Set(reports).size).toBe(4);
  });
});
