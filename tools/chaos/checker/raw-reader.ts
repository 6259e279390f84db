import { randomUUID } from 'node:crypto';
import { parentPort, workerData } from 'node:worker_threads';
import { Kafka, logLevel } from 'kafkajs';
import type { IHeaders, KafkaMessage } from 'kafkajs';
import type { RawEvent, Wanted } from './raw-log.ts';

/* The thread of `readLog`: says all records, in no order, when it has read them. */

parentPort!.postMessage(await read(workerData as Wanted));

async function read({ brokers, topics, login }: Wanted): Promise<RawEvent[]> {
  const kafka = new Kafka({
    brokers,
    clientId: 'checker',
    logLevel: logLevel.NOTHING,
    ...(login && { sasl: { mechanism: 'plain', ...login } }),
  });
  const left = await endsOf(kafka, topics);
  const events: RawEvent[] = [];
  if (left.size === 0) return events;
  const consumer = kafka.consumer({ groupId: `checker-${randomUUID()}`, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    await consumer.subscribe({ topics, fromBeginning: true });
    await new Promise<void>((resolve, reject) => {
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        // The client begins again by itself, and would read twice what is here already.
        if (!restart || events.length > 0) reject(error);
      });
      const run = consumer.run({
        autoCommit: false,
        eachBatch: async ({ batch: { topic, partition, messages } }) => {
          for (const message of messages) events.push(rawEvent(topic, partition, message));
          const last = Number(messages.at(-1)?.offset ?? -1);
          const place = `${topic}-${partition}`;
          if (last + 1 >= (left.get(place) ?? 0)) left.delete(place);
          if (left.size === 0) resolve();
        },
      });
      run.catch(reject);
    });
  } finally {
    await consumer.disconnect();
  }
  return events;
}

async function endsOf(kafka: Kafka, topics: string[]): Promise<Map<string, number>> {
  const admin = kafka.admin();
  await admin.connect();
  const ends = new Map<string, number>();
  try {
    for (const topic of topics) {
      for (const { partition, low, high } of await admin.fetchTopicOffsets(topic)) {
        if (low !== high) ends.set(`${topic}-${partition}`, Number(high));
      }
    }
  } finally {
    await admin.disconnect();
  }
  return ends;
}

function rawEvent(topic: string, partition: number, message: KafkaMessage): RawEvent {
  const { offset, timestamp, key, value } = message;
  const headers = textsOf(message.headers ?? {});
  const text = value?.toString() ?? '';
  const { type, data } = parsed(text);
  return {
    topic,
    partition,
    offset: Number(offset),
    type,
    key: key?.toString() ?? null,
    lane: headers.ce_lane ?? null,
    sequence: headers.ce_sequence ?? null,
    mark: headers.chaos ?? null,
    value: text,
    data,
    raw: { offset, timestamp, key, value, headers },
  };
}

/** Nobody writes one twice. */
function textsOf(headers: IHeaders): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, String(value)]));
}

/** Nothing for what is no JSON object. */
function parsed(text: string): { type: string; data: any } {
  try {
    const { type = '', data = {} } = JSON.parse(text);
    return { type, data };
  } catch {
    return { type: '', data: {} };
  }
}
