import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';

/**
 * What is on the log, read with nothing but Kafka's client: the checker shares no code with what it
 * checks, so that no mistake is made twice.
 */
export interface RawEvent {
  topic: string;
  partition: number;
  offset: number;
  type: string;
  key: string | null;
  lane: string | null;
  /** Place in the lane, as it is written: `12.3`. */
  sequence: string | null;
  /** What chaos wrote by itself it marks: `malformed`, `unknown`. */
  mark: string | null;
  /** The bytes of the record, as text. */
  value: string;
  data: any;
  /** The record as it came. */
  raw: RawMessage;
}

/** All records of these topics, up to where they end now; by partition, in order. */
export async function readLog(
  brokers: string[],
  topics: string[],
  login?: { username: string; password: string },
): Promise<RawEvent[]> {
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
  return events.sort(
    (a, b) => compare(a.topic, b.topic) || a.partition - b.partition || a.offset - b.offset,
  );
}

/** The events as they count: what a lane repeats is left out, and must be the same bytes. */
export function withoutRepeats(records: readonly RawEvent[]): {
  events: RawEvent[];
  repeats: number;
  problems: string[];
} {
  const last = new Map<string, [number, number]>();
  const values = new Map<string, string>();
  const events: RawEvent[] = [];
  const problems: string[] = [];
  let repeats = 0;
  for (const record of records) {
    const { topic, partition, offset, lane, sequence, value } = record;
    if (lane === null || sequence === null) {
      events.push(record);
      continue;
    }
    const inLane = `${topic}-${partition} ${lane}`;
    const [major = 0, minor = 0] = sequence.split('.').map(Number);
    const [lastMajor, lastMinor] = last.get(inLane) ?? [-1, -1];
    if (major < lastMajor || (major === lastMajor && minor <= lastMinor)) {
      repeats += 1;
      const first = values.get(`${inLane} ${sequence}`);
      if (first === value) continue;
      const what = first === undefined ? 'comes too late' : 'repeats with other bytes';
      problems.push(`${topic}-${partition}/${offset}: ${lane} ${sequence} ${what}`);
      continue;
    }
    last.set(inLane, [major, minor]);
    values.set(`${inLane} ${sequence}`, value);
    events.push(record);
  }
  return { events, repeats, problems };
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

export interface RawMessage {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers?: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

function rawEvent(topic: string, partition: number, message: RawMessage): RawEvent {
  const { offset, key, value, headers = {} } = message;
  const text = value?.toString() ?? '';
  const { type, data } = parsed(text);
  return {
    topic,
    partition,
    offset: Number(offset),
    type,
    key: key?.toString() ?? null,
    lane: headers.ce_lane?.toString() ?? null,
    sequence: headers.ce_sequence?.toString() ?? null,
    mark: headers.chaos?.toString() ?? null,
    value: text,
    data,
    raw: message,
  };
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
