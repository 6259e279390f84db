import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

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

export interface RawMessage {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string>;
}

/** Which records to read; `login` is that of who may read them all. */
export interface Wanted {
  brokers: string[];
  topics: string[];
  login?: { username: string; password: string } | undefined;
}

/** All records of these topics, up to where they end now; by partition, in order. */
export async function readLog(
  brokers: string[],
  topics: string[],
  login?: Wanted['login'],
): Promise<RawEvent[]> {
  // In a thread of its own kafkajs is as it comes: libs/log has it read and write records by code of ours.
  const workerData: Wanted = { brokers, topics, login };
  const reader = new Worker('./dist/tools/chaos/checker/raw-reader.js', { workerData });
  const [events] = (await once(reader, 'message')) as [RawEvent[]];
  for (const { raw } of events) {
    raw.key &&= asBuffer(raw.key);
    raw.value &&= asBuffer(raw.value);
  }
  return events.sort(
    (a, b) => compare(a.topic, b.topic) || a.partition - b.partition || a.offset - b.offset,
  );
}

/** Between threads a buffer becomes an array of bytes. */
function asBuffer({ buffer, byteOffset, byteLength }: Uint8Array): Buffer {
  return Buffer.from(buffer as ArrayBuffer, byteOffset, byteLength);
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

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
