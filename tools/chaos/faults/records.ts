import { randomUUID } from 'node:crypto';
import type { Message } from 'kafkajs';
import type { Fault } from '../faults.ts';
import type { Scene } from '../scene.ts';
import type { RawRecord } from '../watch.ts';
import { between, pick } from './chance.ts';

type Placed = Message & { topic: string };

/** Marks what chaos wrote by itself, for the checker: `malformed`, or `unknown` as its type is. */
const mark = (what: string) => ({ chaos: what });

const cloudEvent = (source: string, type: string, data: unknown, topic: string) =>
  JSON.stringify({
    specversion: '1.0',
    id: randomUUID(),
    source: `/${source}`,
    type,
    time: new Date().toISOString(),
    dataschema: `/${topic}/${type}/1`,
    data,
  });

/** Records that nobody can read, each bad in another way, and one that nobody wants. */
function malformed(partition: number): Placed[] {
  const key = randomUUID();
  const at = { key, partition };
  const typed = (type: string, what = 'malformed') => ({
    headers: { ce_type: type, ...mark(what) },
  });
  const viewed = {
    visitorId: key,
    sku: 'MUG',
    sessionId: 's',
    tab: 't',
    hit: 1,
    site: 's',
    url: '/',
  };
  const view = (data: object) => cloudEvent('collector', 'ProductViewed', data, 'visitors');
  const request = (source: string, data: object) =>
    cloudEvent(source, 'StockRequested', data, 'stock');
  return [
    { topic: 'visitors', ...at, value: 'not a CloudEvent', headers: mark('malformed') },
    { topic: 'visitors', ...at, value: '{"half":', ...typed('ProductViewed') },
    {
      topic: 'visitors',
      ...at,
      value: view({ ...viewed, sku: 'no sku' }),
      ...typed('ProductViewed'),
    },
    {
      topic: 'visitors',
      ...at,
      value: view({ ...viewed, url: '\u0000' }),
      ...typed('ProductViewed'),
    },
    { topic: 'visitors', ...at, key: null, value: view(viewed), ...typed('ProductViewed') },
    { topic: 'orders', ...at, value: null, ...typed('OrderSubmitted') },
    {
      topic: 'orders',
      ...at,
      value: cloudEvent('shop', 'OrderGiftWrapped', {}, 'orders'),
      ...typed('OrderGiftWrapped', 'unknown'),
    },
    {
      topic: 'stock',
      ...at,
      value: request('ordering', { sku: 'MUG', orderId: key, quantity: -1 }),
      ...typed('StockRequested'),
    },
    {
      topic: 'stock',
      ...at,
      value: request('intruder', { sku: 'MUG', orderId: key, quantity: 1 }),
      ...typed('StockRequested'),
    },
  ];
}

async function write({ world }: Scene, records: readonly Placed[]): Promise<void> {
  const producer = world.kafka.producer({ allowAutoTopicCreation: false });
  await producer.connect();
  try {
    const topics = [...new Set(records.map(({ topic }) => topic))];
    const topicMessages = topics.map((topic) => ({
      topic,
      messages: records.filter((record) => record.topic === topic),
    }));
    await producer.sendBatch({ acks: -1, topicMessages });
  } finally {
    await producer.disconnect();
  }
}

const again = ({ topic, partition, key, value, headers }: RawRecord): Placed => {
  // kafkajs reads a header of several values as a list, and writes one as such.
  return { topic, partition, key, value, headers };
};

export const records: Fault[] = [
  {
    name: 'malformed',
    does: 'records that nobody can read, straight to the topics',
    draw(random) {
      const partition = between(0, 5, random);
      return {
        says: `malformed records on partition ${partition}`,
        async strike(scene) {
          const hit = scene.inFlight();
          await write(scene, malformed(partition));
          return { hit, liftedAt: performance.now() };
        },
      };
    },
  },
  {
    name: 'redeliver',
    does: 'records delivered again, in order and out of order',
    draw(random) {
      const order = pick(['in order', 'backwards'] as const, random);
      return {
        says: `the last records again, ${order}`,
        async strike(scene) {
          const last = scene.watch.lastRecords();
          const hit = Math.min(scene.inFlight(), last.length);
          await write(scene, (order === 'in order' ? last : last.toReversed()).map(again));
          return { hit, liftedAt: performance.now() };
        },
      };
    },
  },
];
