import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { Writable } from 'node:stream';
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { allPartitions, stream } from '#contracts/contract';
import { connectKafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import { tail } from '#log/tail';
import type { Tailed } from '#log/tail';
import { createTopics } from '#log/topics';
import { recordOf } from '#testing/scenario';
import { parseOptions } from '../../tools/tail/options.ts';
import { watch } from '../../tools/tail/tail.ts';
import { until } from '../log-harness.ts';

const brokers = process.env.TEST_KAFKA_BROKERS!.split(',');
const client = connectKafka(brokers, 'tail-test', silent);
const admin = client.admin();
const producer = client.producer();
const topic = stream(`tailed-${randomUUID()}`, { key: null });
const Said = topic.event('Said', 'Somebody said a word.', { writer: '*' }, { word: z.string() });
const Sung = topic.event('Sung', 'Somebody sang a word.', { writer: '*' }, { word: z.string() });
const ended: (() => Promise<void>)[] = [];

beforeAll(async () => {
  await Promise.all([admin.connect(), producer.connect()]);
  await createTopics(brokers, undefined, [topic]);
});

afterEach(async () => {
  await Promise.all(ended.splice(0).map((end) => end()));
});

afterAll(async () => {
  await admin.deleteTopics({ topics: [topic.name] });
  await Promise.all([admin.disconnect(), producer.disconnect()]);
});

let count = 0;

/** Puts new words on every partition in turn; returns them. */
async function say(many: number): Promise<string[]> {
  const words = Array.from({ length: many }, () => `word-${(count += 1)}`);
  const messages = words.map((word, i) => {
    const { value, headers } = recordOf(Said({ word }), {
      offset: count,
      timestamp: 0,
      lane: word,
    });
    return { value, headers, partition: i % allPartitions.length };
  });
  await producer.send({ topic: topic.name, messages });
  return words.toSorted();
}

/** A tail in this process; `words` are those it wrote so far. */
function tailOf(line: string) {
  const words: string[] = [];
  let wake = () => {};
  const out = new Writable({
    write(chunk, _, done) {
      words.push(JSON.parse(String(chunk)).data.word);
      wake();
      done();
    },
  });
  const stop = new AbortController();
  const options = parseOptions([topic.name, '--json', ...line.split(' ')], Date.now());
  const watching = watch(options, brokers, out, stop.signal);
  const end = async () => {
    stop.abort();
    await watching;
  };
  ended.push(end);
  const next = () => new Promise<void>((resolve) => (wake = resolve));
  return { words, next, end };
}

/** Resolves once the tails have all these words between them. */
async function untilSeen(tails: ReturnType<typeof tailOf>[], words: readonly string[]) {
  const seen = () => tails.flatMap((each) => each.words);
  while (!words.every((word) => seen().includes(word))) {
    await Promise.race(tails.map((each) => each.next()));
  }
}

/** Resolves once a channel has that many members, and all partitions are given out. */
async function untilShared(channel: string, members: number) {
  for (;;) {
    const { groups } = await admin.describeGroups([`channel.${channel}`]);
    const [group] = groups;
    if (group?.state === 'Stable' && group.members.length === members) return;
  }
}

it('reads from the start, and goes on with what comes', async () => {
  const before = await say(12);
  const reader = tailOf('--from start');
  await untilSeen([reader], before);
  const after = await say(12);
  await untilSeen([reader], after);
  expect(reader.words.filter((word) => [...before, ...after].includes(word))).toHaveLength(24);
});

it('shares records with the tails of its channel; each channel has them all', async () => {
  const [app1, app2] = [`App1-${randomUUID()}`, `App2-${randomUUID()}`];
  const [alone, one, other] = [app1, app2, app2].map((channel) => {
    return tailOf(`--channel ${channel} --from start`);
  });
  await Promise.all([untilShared(app1, 1), untilShared(app2, 2)]);
  const words = await say(60);
  await Promise.all([untilSeen([alone!], words), untilSeen([one!, other!], words)]);
  const ofThese = (reader?: { words: string[] }) => reader!.words.filter((w) => words.includes(w));
  expect(ofThese(alone).toSorted()).toEqual(words);
  expect([...ofThese(one), ...ofThese(other)].toSorted()).toEqual(words);
  expect(Math.min(ofThese(one).length, ofThese(other).length)).toBeGreaterThan(0);
});

it('goes on where its channel had come to', async () => {
  const channel = `App-${randomUUID()}`;
  const first = tailOf(`--channel ${channel} --from start`);
  const before = await say(6);
  await untilSeen([first], before);
  await first.end();
  const missed = await say(6);
  const second = tailOf(`--channel ${channel} --from start`);
  await untilSeen([second], missed);
  expect(second.words.toSorted()).toEqual(missed);
});

it('lets others have their turn, however much there is to read', async () => {
  await say(600);
  let [read, atOnce, mostAtOnce] = [0, 0, 0];
  const others = setInterval(() => (atOnce = 0), 0);
  const watching = await tail(client, [topic], 'start', () => {
    for (const began = performance.now(); performance.now() - began < 1;);
    read += 1;
    mostAtOnce = Math.max(mostAtOnce, (atOnce += 1));
  });
  await until('all is read', async () => read >= 600);
  clearInterval(others);
  await watching.close();
  expect(mostAtOnce).toBeLessThan(60);
});

it('hands over what is wanted only', async () => {
  const types: string[] = [];
  const onRecord = ({ event }: Tailed) => void types.push(event!.type);
  const watching = await tail(client, [topic], 'now', onRecord, { wanted: new Set(['Sung']) });
  const sung = recordOf(Sung({ word: 'la' }), { offset: 1, timestamp: 0, lane: 'choir' });
  await say(3);
  const { value, headers } = sung;
  await producer.send({ topic: topic.name, messages: [{ value, headers, partition: 2 }] });
  await until('the song', async () => types.includes('Sung'));
  await watching.close();
  expect(types).toEqual(['Sung']);
});

describe('as a command', () => {
  function run(args: string[], at = brokers.join(',')) {
    const env = { ...process.env, KAFKA_BROKERS: at };
    const child = spawn(process.execPath, ['--no-warnings', 'tools/tail.mjs', ...args], { env });
    let said = '';
    child.stderr.on('data', (data) => (said += data));
    return { child, closed: once(child, 'close'), said: () => said };
  }

  it.each([
    [['nowhere'], undefined, /^There is no topic "nowhere": choose from .*\.\n$/],
    [[topic.name], '127.0.0.1:1', /^No Kafka answers at 127\.0\.0\.1:1: npm start, or set .*\.\n$/],
    [[topic.name, '--from', 'x'], undefined, /^--from cannot be "x": .*\.\n$/],
  ])('ends %j with one sentence', async (args, at, sentence) => {
    const { closed, said } = run(args, at);
    expect(await closed).toEqual([1, null]);
    expect(said()).toMatch(sentence);
  });

  it('ends at once, in good order, with Ctrl-C', async () => {
    await say(1);
    const { child, closed, said } = run([topic.name, '--from', 'start']);
    await once(child.stdout, 'data');
    const began = performance.now();
    child.kill('SIGINT');
    expect(await closed).toEqual([0, null]);
    expect(performance.now() - began).toBeLessThan(1500);
    expect(said()).toBe('');
  });

  it('ends quietly when nobody reads on', async () => {
    await say(1);
    const { child, closed, said } = run([topic.name, '--from', 'start', '--json']);
    const [line] = await once(child.stdout, 'data');
    expect(JSON.parse(String(line).split('\n')[0]!)).toMatchObject({ type: 'Said' });
    child.stdout.destroy();
    await say(1);
    expect(await closed).toEqual([0, null]);
    expect(said()).toBe('');
  });
});
