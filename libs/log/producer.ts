import { setTimeout as pause } from 'node:timers/promises';
import type { Kafka, Message, Producer as KafkaProducer } from 'kafkajs';
import { PARTITIONS } from '#contracts/contract';
import { LANE_HEADER, SEQUENCE_HEADER, TYPE_HEADER } from './envelope.ts';
import type { OutgoingRecord } from './envelope.ts';
import { partitionOf } from './partition.ts';
import { formatSequence } from './sequence.ts';

/** A record whose partition is settled. */
export type PlacedRecord = OutgoingRecord & { partition: number };

interface Waiting {
  records: readonly PlacedRecord[];
  resolve(): void;
  reject(error: Error): void;
}

/** Records of one request at most, so that a request stays well under the broker's 1 MB limit. */
const MAX_RECORDS = 2000;
const MAX_BYTES = 700_000;
/** Sends that may wait for the broker; more are refused at once. */
const MAX_WAITING = 5000;

/**
 * Appends with acks=all, one request in flight, and coalesces whatever is asked for meanwhile
 * (kafkajs has no linger). Not idempotent: kafkajs rolls its sequence back after a failed send, and
 * the broker then acknowledges the next send at the old offset without keeping it. Lanes drop the
 * duplicates that a lost answer makes.
 */
export class Producer {
  private readonly kafka: KafkaProducer;
  private readonly queue: Waiting[] = [];
  private sending: Promise<void> | null = null;
  private connected = false;

  private readonly retries: number;

  constructor(client: Kafka, options: { retries?: number } = {}) {
    this.retries = options.retries ?? 4;
    this.kafka = client.producer({
      idempotent: false,
      allowAutoTopicCreation: false,
      maxInFlightRequests: 1,
      retry: { retries: 0 }, // See `request`.
    });
  }

  /** Connects; rejects when no broker answers. Sends connect by themselves otherwise. */
  async connect(): Promise<void> {
    if (this.connected) return;
    await this.kafka.connect();
    this.connected = true;
  }

  /** Resolves when every record is acknowledged by all in-sync replicas. */
  send(records: readonly PlacedRecord[]): Promise<void> {
    if (records.length === 0) return Promise.resolve();
    if (this.queue.length >= MAX_WAITING) return Promise.reject(new Error('too many sends wait'));
    return new Promise((resolve, reject) => {
      this.queue.push({ records, resolve, reject });
      this.sending ??= this.drain().finally(() => (this.sending = null));
    });
  }

  /** Sends what waits, then disconnects. */
  async close(): Promise<void> {
    await this.sending;
    await this.kafka.disconnect();
  }

  private async drain(): Promise<void> {
    await Promise.resolve(); // Let every append of this turn join the first request.
    while (this.queue.length > 0) {
      const batch = this.nextBatch();
      try {
        await this.connect();
        const records = batch.flatMap((waiting) => waiting.records);
        for (const part of inParts(records)) await this.request(part);
        for (const waiting of batch) waiting.resolve();
      } catch (error) {
        for (const waiting of batch) waiting.reject(error as Error);
      }
    }
  }

  private nextBatch(): Waiting[] {
    const batch: Waiting[] = [];
    let [count, bytes] = [0, 0];
    while (this.queue.length > 0) {
      const { records } = this.queue[0]!;
      count += records.length;
      for (const { value } of records) bytes += value.length;
      if (batch.length > 0 && (count > MAX_RECORDS || bytes > MAX_BYTES)) break;
      batch.push(this.queue.shift()!);
    }
    return batch;
  }

  /**
   * kafkajs must not repeat a send itself: on its second try it asks only the brokers that have not
   * answered, and takes a partition that has moved to one that has for sent. Nobody sent it.
   */
  private async request(records: readonly PlacedRecord[]): Promise<void> {
    for (let failures = 0; ; failures += 1) {
      try {
        return await this.requestOnce(records);
      } catch (error) {
        if (failures >= this.retries || !isWorthRetrying(error)) throw error;
        await pause(Math.min(500, 50 * 2 ** failures));
      }
    }
  }

  private async requestOnce(records: readonly PlacedRecord[]): Promise<void> {
    const byTopic = new Map<string, Message[]>();
    for (const record of records) {
      const messages = byTopic.get(record.topic) ?? [];
      byTopic.set(record.topic, messages);
      messages.push(messageOf(record));
    }
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
    await this.kafka.sendBatch({ acks: -1, timeout: 4000, topicMessages });
  }
}

/** kafkajs says so of what it would have tried again. */
function isWorthRetrying(error: unknown): boolean {
  return (error as Error).name === 'KafkaJSNumberOfRetriesExceeded';
}

/** What one asks for can be more than a request holds, as when long records are refused at once. */
function inParts(records: readonly PlacedRecord[]): PlacedRecord[][] {
  const parts: PlacedRecord[][] = [];
  let bytes = Infinity;
  for (const record of records) {
    bytes += record.value.length;
    if (bytes > MAX_BYTES) {
      parts.push([]);
      bytes = record.value.length;
    }
    parts.at(-1)!.push(record);
  }
  return parts;
}

/** A record as kafkajs takes it. */
export function messageOf({ key, value, type, lane, sequence, partition }: PlacedRecord): Message {
  const headers: Record<string, string> = { [TYPE_HEADER]: type };
  if (lane !== null && sequence) {
    headers[LANE_HEADER] = lane;
    headers[SEQUENCE_HEADER] = formatSequence(sequence);
  }
  return { key, value, headers, partition };
}

let turn = 0;

/** Settles the partition: that of the key, or the next one round for records without a key. */
export function place(record: OutgoingRecord): PlacedRecord {
  if (record.partition !== null) return record as PlacedRecord;
  const { key } = record;
  const partition = key === null ? (turn = (turn + 1) % PARTITIONS) : partitionOf(key);
  return { ...record, partition };
}
