import { randomUUID } from 'node:crypto';
import type { Consumer, IHeaders } from 'kafkajs';
import type { World } from './world.ts';

const DECISIONS = ['OrderConfirmed', 'OrderRejected', 'OrderCancelled'];
const TOPICS = ['orders', 'stock', 'visitors'];
const KEPT = 200;

/** A record as it lies on the log. */
export interface RawRecord {
  topic: string;
  partition: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: IHeaders;
}

/** Reads the log as it grows: which orders are decided, and what came last. */
export class Watch {
  private readonly decided = new Set<string>();
  private readonly recent = new Map<string, RawRecord[]>();
  private readonly consumer: Consumer;

  constructor({ kafka }: Pick<World, 'kafka'>) {
    const retry = { retries: 1000, maxRetryTime: 1000, restartOnFailure: async () => true };
    const groupId = `chaos-${randomUUID()}`;
    this.consumer = kafka.consumer({ groupId, maxWaitTimeInMs: 200, retry });
  }

  async start(): Promise<void> {
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: TOPICS, fromBeginning: true });
    await this.consumer.run({
      autoCommit: false,
      partitionsConsumedConcurrently: 6,
      eachMessage: async ({ topic, partition, message }) => {
        const { key, value, headers = {} } = message;
        this.keep({ topic, partition, key, value, headers });
        const type = headers.ce_type?.toString() ?? '';
        if (DECISIONS.includes(type)) this.decided.add(key?.toString() ?? '');
      },
    });
  }

  /** Those of these orders that nobody decided yet. */
  undecided(orders: Iterable<string>): string[] {
    return [...orders].filter((orderId) => !this.decided.has(orderId));
  }

  /** The last records of each stream that have a place in a lane. */
  lastRecords(): RawRecord[] {
    return [...this.recent.values()].flat();
  }

  async stop(): Promise<void> {
    await this.consumer.disconnect();
  }

  private keep(record: RawRecord): void {
    if (!record.headers.ce_lane || record.headers.chaos) return;
    const kept = this.recent.get(record.topic) ?? [];
    this.recent.set(record.topic, [...kept, record].slice(-KEPT));
  }
}
