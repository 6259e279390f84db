import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { register } from 'prom-client';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { badTrackOf } from '#contracts/bad';
import { allPartitions } from '#contracts/contract';
import type { Topic } from '#contracts/contract';
import { laneOfCase } from '#log/bad-cases';
import { BadEvents } from '#log/bad-events';
import type { BadCase } from '#log/bad-cases';
import { encode, header } from '#log/envelope';
import { connectKafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import { processor } from '#log/processor';
import type { Processor } from '#log/processor';
import { ProcessorWork } from '#log/processor-work';
import { place, Producer } from '#log/producer';
import { rebuild } from '#log/rebuild';
import { stateTable } from '#log/tables';
import {
  append,
  brokers,
  isAtEnd,
  ownOfEachTest,
  ownTopic,
  readAll,
  runProcessors,
  statesOf,
  surroundings,
  until,
} from '../log-harness.ts';

const client = connectKafka(brokers, 'bad-test', silent);
const bad = new BadEvents(client);
const raw = client.producer();
const { stops, database } = ownOfEachTest();

beforeAll(() => raw.connect());
afterAll(() => raw.disconnect());

/** A topic with two groups: one refuses negative numbers as long as it is `strict`, one takes all. */
async function twoGroups() {
  const topic = await ownTopic();
  const shape = { id: z.string(), n: z.number() };
  const Added = topic.event('Added', 'A number came.', { writer: 'test' }, shape);
  const suffix = randomUUID().slice(0, 8);
  const tally = (name: string, strict: boolean) =>
    processor({
      name: `test.${name}-${suffix}`,
      reads: [Added],
      state: z.object({ sum: z.number(), count: z.int() }),
      initial: { sum: 0, count: 0 },
      on(state, { data: { n } }) {
        if (strict && n < 0) throw new Error('n must not be negative');
        return { state: { sum: state.sum + n, count: state.count + 1 } };
      },
    });
  const [strict, mended, other] = [tally('one', true), tally('one', false), tally('other', false)];
  const source = await database([strict, other]);
  return { topic, Added, strict, mended, other, source };
}

async function start(
  source: DataSource,
  processors: Processor<any>[],
): Promise<() => Promise<void>> {
  const stop = await runProcessors(await surroundings(source), processors);
  const once = () => {
    stops.splice(stops.indexOf(once), 1);
    return stop();
  };
  stops.push(once);
  return once;
}

const atEnd = (source: DataSource, { name }: Processor<any>, topic: Topic) =>
  until(`${name} at the end`, () => isAtEnd(source, name, topic.name));

const casesOf = (topic: Topic, count: number) =>
  until(`${count} bad events`, async () => {
    const cases = await bad.all([topic.name]);
    return cases.length === count && cases;
  });

/** The records that were sent again, as they are on the log. */
const sentAgain = async (topic: Topic, { id }: BadCase) =>
  (await readAll(topic.name)).filter((r) => header(r, 'ce_lane') === laneOfCase(id));

const decisionsOn = async (topic: Topic) =>
  (await readAll(`${topic.name}.bad`))
    .map(({ value }) => JSON.parse(value!.toString()))
    .filter(({ type }) => type !== 'RecordRefused');

describe('a refused record', () => {
  it('is retried by its own group, once, however many ask and whoever owns the partition', async () => {
    const { topic, Added, strict, mended, other, source } = await twoGroups();
    const stopFirst = await start(source, [strict, other]);
    await append('test', [Added({ id: 'a', n: 1 }), Added({ id: 'a', n: -5 })]);
    const [found] = await casesOf(topic, 1);
    await atEnd(source, other, topic);
    await stopFirst();

    const stopOld = await start(source, [mended, other]);
    await start(source, [mended, other]);
    const asked = await Promise.allSettled([
      ...['eve', 'bob'].map((by) => bad.retry(found!.id, by)),
      stopOld(),
    ]);
    await atEnd(source, mended, topic);
    await atEnd(source, other, topic);
    expect((await statesOf(source, mended)).get('a')).toEqual({ sum: -4, count: 2 });
    expect((await statesOf(source, other)).get('a')).toEqual({ sum: -4, count: 2 });

    const answers = asked.slice(0, 2);
    const refused = answers.filter((answer) => answer.status === 'rejected');
    expect(refused).toHaveLength(1);
    expect(refused[0]!.reason.message).toMatch(
      / was retried by (eve|bob) at .*once is all there is/,
    );
    const [again, ...more] = await sentAgain(topic, found!);
    expect(more).toEqual([]);
    const original = (await bad.original(found!))!;
    expect([again!.key, again!.value]).toEqual([original.key, original.value]);
    const { partition, offset } = found!.data;
    expect(header(again!, 'ce_causationid')).toBe(`${topic.name}-${partition}/${offset}`);
    expect(header(again!, 'addressee')).toBe(strict.name);
    const sent = answers.find((answer) => answer.status === 'fulfilled') as { value: string };
    expect(sent.value).toBe(`${topic.name}-${again!.partition}/${again!.offset}`);
    await expect(bad.retry(found!.id, 'ann')).rejects.toThrow(/was retried by/);
    await expect(bad.discard(found!.id, 'ann', 'why not')).rejects.toThrow(/was retried by/);
    expect(await casesOf(topic, 1)).toMatchObject([{ settled: { how: 'retried', why: null } }]);

    await expectRebuilt(source, topic, mended);
    await expectRebuilt(source, topic, other);
  });

  it('that fails again is bad again, the second time', async () => {
    const { topic, Added, strict, source } = await twoGroups();
    await start(source, [strict]);
    await append('test', [Added({ id: 'a', n: -1 })]);
    const [first] = await casesOf(topic, 1);
    await bad.retry(first!.id, 'eve');
    const [, second] = (await casesOf(topic, 2)).toSorted((a, b) => a.time - b.time);
    expect(second!.data).toMatchObject({ attempts: 2, reason: 'n must not be negative' });
    expect(second!.correlationId).toBe(first!.correlationId);
    expect(second!.settled).toBeNull();
    await bad.discard(second!.id, 'eve', 'no use');
    const third = bad.retry(second!.id, 'bob');
    await expect(third).rejects.toThrow(/was discarded by eve at .* \(no use\): once is all/);
    expect((await decisionsOn(topic)).map(({ type, data }) => [type, data.refused])).toEqual(
      expect.arrayContaining([
        ['RecordRetried', first!.id],
        ['RecordDiscarded', second!.id],
      ]),
    );
    const metrics = await register.metrics();
    expect(metrics).toContain(
      `log_records_refused_total{group="${strict.name}",topic="${topic.name}",reason="fold"} 2`,
    );
  });

  it('goes on with a retry that was cut off before its record came', async () => {
    const { topic, Added, strict, mended, source } = await twoGroups();
    const stop = await start(source, [strict]);
    await append('test', [Added({ id: 'a', n: -1 })]);
    const [found] = await casesOf(topic, 1);
    await stop();
    await decideOnly(found!, 'eve');
    await expect(bad.retry(found!.id, 'bob')).rejects.toThrow(/was retried by eve/);
    const later = new BadEvents(client, { cutOffMs: 0 });
    const at = await later.retry(found!.id, 'bob');
    await expect(later.retry(found!.id, 'bob')).rejects.toThrow(`by eve at `);
    await expect(later.retry(found!.id, 'bob')).rejects.toThrow(` and is at ${at}: once`);
    await start(source, [mended]);
    await atEnd(source, mended, topic);
    expect((await statesOf(source, mended)).get('a')).toEqual({ sum: -1, count: 1 });
  });
});

describe('bytes that are no event', () => {
  it('are kept and sent again as they are: no key, no value, odd keys, long values', async () => {
    const { topic, strict, source } = await twoGroups();
    const long = Array.from({ length: 8 }, (_, i) => Buffer.alloc(700_000, i + 1));
    const tooLong = Buffer.alloc(900_000, 9);
    const odd = [
      { key: null, value: null },
      { key: Buffer.from('a\0b'), value: Buffer.from([0xff, 0]) },
      { key: Buffer.from([0xff, 0xfe]), value: Buffer.from('{"type":') },
      ...[...long, tooLong].map((value) => ({ key: Buffer.from('k'), value })),
    ];
    for (const message of odd) {
      await raw.send({ topic: topic.name, messages: [{ ...message, partition: 2 }] });
    }
    await start(source, [strict]);
    const cases = await casesOf(topic, odd.length);
    const byOffset = cases.toSorted((a, b) => Number(a.data.offset) - Number(b.data.offset));
    expect(byOffset.map(({ data }) => data.size)).toEqual(
      odd.map(({ value }) => value?.length ?? null),
    );
    for (const at of [0, 1, 2, 11]) {
      const { id } = byOffset[at]!;
      await bad.retry(id, 'eve');
      const [again] = await sentAgain(topic, byOffset[at]!);
      expect([again!.key, again!.value]).toEqual([odd[at]!.key, odd[at]!.value]);
    }
    const twice = (await casesOf(topic, odd.length + 4)).filter(({ data }) => data.attempts === 2);
    expect(new Set(twice.map(({ data }) => data.reason))).toEqual(
      new Set(['the record is not a CloudEvent']),
    );
  });
});

describe('what cannot be sent again', () => {
  const refusal = async (of: Partial<BadCase['data']>) => {
    const topic = await ownTopic();
    const { RecordRefused } = badTrackOf(topic.name);
    const data = { group: 'collector', reason: 'no', topic: topic.name, key: null, value: '' };
    const place = { partition: null, offset: null, attempts: 1, ...of };
    await append('collector', [RecordRefused({ ...data, ...place })]);
    const [found] = await casesOf(topic, 1);
    return found!;
  };

  it.each<[string, Partial<BadCase['data']>, RegExp]>([
    ['a hit that its door refused', {}, /^\S+ never was on the log, its door .*--raw \| curl/],
    ['a timer', { partition: 1 }, /^\S+ was a timer, no record/],
    ['a record that is gone', { partition: 1, offset: '7' }, /-1\/7 is no longer on the log/],
    ['a record of a table', { topic: 'products', partition: 1, offset: '0' }, /is a table/],
  ])('is %s, and nothing is decided', async (_, of, sentence) => {
    if (of.topic) await import('#contracts/products');
    const { id } = await refusal(of);
    await expect(bad.retry(id, 'eve')).rejects.toThrow(sentence);
    expect((await bad.find(id)).settled).toBeNull();
    await bad.discard(id, 'eve', 'seen');
    expect((await bad.find(id)).settled).toMatchObject({ how: 'discarded', why: 'seen' });
  });
});

describe('as a command', () => {
  async function command(args: string[], at = brokers.join(',')) {
    const env = { ...process.env, KAFKA_BROKERS: at };
    const child = spawn(process.execPath, ['--no-warnings', 'tools/bad.mjs', ...args], { env });
    let [out, said] = ['', ''];
    child.stdout.on('data', (data) => (out += data));
    child.stderr.on('data', (data) => (said += data));
    const [code] = await once(child, 'close');
    return { code, out, said };
  }

  it.each<[string[], string | undefined, RegExp]>([
    [
      ['show', 'visitors.bad-2/999999'],
      undefined,
      /^There is no bad event visitors\.bad-2\/9+: .*\.\n$/,
    ],
    [['retry', '17'], undefined, /^"17" is no ID: they look like .*\.\n$/],
    [['list'], '127.0.0.1:1', /^No Kafka answers at 127\.0\.0\.1:1: npm start, or set .*\.\n$/],
    [['discard', 'visitors.bad-2/1'], undefined, /^discard needs a reason .*\.\n$/],
    [['mend'], undefined, /^There is no command "mend": list, show, retry or discard; .*\.\n$/],
  ])('ends %j with one sentence', async (args, at, sentence) => {
    const { code, out, said } = await command(args, at);
    expect([code, out]).toEqual([1, '']);
    expect(said).toMatch(sentence);
  });
});

/** A retry that got no further than its decision. */
async function decideOnly({ id, data }: BadCase, by: string): Promise<void> {
  const event = badTrackOf(data.topic).RecordRetried({ refused: id, by });
  const cause = { correlationId: id, causationId: id };
  const partition = Number(/-(\d+)\/\d+$/.exec(id)![1]);
  const lane = laneOfCase(id);
  const envelope = { id: randomUUID(), source: 'operator', time: 0, cause, lane, partition };
  const producer = new Producer(client);
  await producer.send([place(encode(event, { ...envelope, sequence: [1, 0] }))]);
  await producer.close();
}

/** In an empty database that knows what was skipped, the same records give the same rows. */
async function expectRebuilt(live: DataSource, topic: Topic, of: Processor<any>): Promise<void> {
  const source = await database([of]);
  const skips = await live.query('select * from log_skips where group_name = $1', [of.name]);
  for (const row of skips) {
    await source.query('insert into log_skips values ($1, $2, $3, $4, $5)', Object.values(row));
  }
  const records = await readAll(topic.name);
  for (const partition of allPartitions) {
    const history = records.filter((record) => record.partition === partition);
    const at = { topic: topic.name, partition, cluster: '' };
    await rebuild(source, new ProcessorWork(of), at, history, 1);
  }
  const rows = (from: DataSource) => from.query(`select * from ${stateTable(of)} order by key`);
  expect(await rows(source)).toEqual(await rows(live));
}
