import { randomUUID } from 'node:crypto';
import type { Batch, Consumer, IHeaders } from 'kafkajs';
import { MEMBERSHIP } from '#log/kafka';
import { Reading } from '#log/reading';
import type { World } from './world.ts';

const DECISIONS = ['OrderConfirmed', 'OrderRejected', 'OrderCancelled'];
const STREAMS = ['visitors', 'orders', 'stock', 'affinities.v1'];
const TABLES = ['stock-levels', 'recommendations.v1', 'products'];
/** Whatever a service reads. */
export const TOPICS = [...STREAMS, ...TABLES];
const KEPT = 200;

/** Where topics end, by `topic-partition`. */
export type Ends = ReadonlyMap<string, number>;

/** A record as it lies on the log. */
export interface RawRecord {
  topic: string;
  partition: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
}

/** Reads the log as it grows: where it ends, which orders are decided, and what came last. */
export class Watch {
  private readonly decided = new Set<string>();
  private readonly recent = new Map<string, RawRecord[]>();
  private readonly seen = new Map<string, number>();
  private readonly consumer: Consumer;
  private readonly reading: Reading;

  constructor({ kafka }: Pick<World, 'kafka'>) {
    this.consumer = kafka.consumer({
      groupId: `chaos-${randomUUID()}`,
      maxWaitTimeInMs: 200,
      retry: { retries: 1000, maxRetryTime: 1000 },
      // As the services: whoever looks must not be back later than those who are looked at.
      ...MEMBERSHIP,
    });
    this.reading = new Reading(this.consumer, {
      // A commit is tried for as long as a coordinator that has moved does not answer. Without, all
      // is read once more by who joins again: it is kept once.
      autoCommit: false,
      partitionsConsumedConcurrently: 6,
      eachBatch: async ({ batch }) => this.read(batch),
    });
  }

  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: TOPICS, fromBeginning: true });
    await this.reading.start();
  }

  /** The ends of all topics as far as they were read: the log is there, or a moment further on. */
  ends(): Ends {
    return new Map(this.seen);
  }

  /** Those of these orders that nobody decided yet. */
  undecided(orders: Iterable<string>): string[] {
    return [...orders].filter((orderId) => !this.decided.has(orderId));
  }

  /** The last records of each stream that have a place in a lane. */
  lastRecords(): RawRecord[] {
    return [...this.recent.values()].flat();
  }

  stop(): Promise<void> {
    return this.reading.stop();
  }

  private read({ topic, partition, messages }: Batch): void {
    const place = `${topic}-${partition}`;
    const known = this.seen.get(place) ?? 0;
    for (const { offset, key, value, headers = {} } of messages) {
      if (Number(offset) < known) continue;
      this.keep({ topic, partition, key, value, headers });
      const type = headers.ce_type?.toString() ?? '';
      if (DECISIONS.includes(type)) this.decided.add(key?.toString() ?? '');
    }
    const end = Number(messages.at(-1)?.offset ?? -1) + 1;
    this.seen.set(place, Math.max(end, known));
  }

  private keep(record: RawRecord): void {
    const { topic, headers } = record;
    if (!STREAMS.includes(topic) || !headers.ce_lane || headers.chaos) return;
    const kept = this.recent.get(topic) ?? [];
    this.recent.set(topic, kept);
    kept.push(record);
    if (kept.length > KEPT) kept.shift();
  }
}
