import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import type { NewEvent } from '#contracts/contract';
import { allPartitions, declarationOf } from '#contracts/contract';
import { encode } from './envelope.ts';
import { connectKafka, withAdmin } from './kafka.ts';
import { silent } from './log-sink.ts';
import type { LogSink } from './log-sink.ts';
import { refuseForeignWriter } from './processor.ts';
import type { Security } from './security.ts';
import { place, Producer } from './producer.ts';
import { within } from './within.ts';

/** The broker did not acknowledge in time: nothing is promised, send again. */
export class LogUnavailable extends Error {}

export interface AppendOptions {
  /** W3C trace context of the request that caused it. */
  traceparent?: string;
}

/**
 * Appends straight to the log, for doors without a database. Its lane belongs to this process: what
 * a lost answer doubles is dropped by readers. What the *caller* sends again is a new event;
 * callers number what they resend (hits) or name it (delivery ids).
 */
export class LogWriter {
  private count = 0;
  private readonly lane: string;
  private readonly producer: Producer;

  constructor(
    private readonly client: Kafka,
    private readonly service: string,
    lane?: string,
  ) {
    this.lane = lane ?? `${service}:${randomUUID()}`;
    this.producer = new Producer(client);
  }

  /** For tools and tests. `brokers` are `host:port`; a fixed `lane` makes a repeated run harmless. */
  static async connect(options: {
    brokers: string[];
    service: string;
    lane?: string;
    sink?: LogSink;
    security?: Security | undefined;
  }): Promise<LogWriter> {
    const { brokers, service, lane, sink = silent, security } = options;
    const client = connectKafka(brokers, service, sink, security);
    const writer = new LogWriter(client, service, lane);
    await writer.producer.connect();
    return writer;
  }

  /**
   * Resolves when all events are durable (acks=all). Rejects with {@link LogUnavailable} after a
   * bounded wait, and with an Error when this service is not a declared writer.
   */
  async append(events: readonly NewEvent[], options: AppendOptions = {}): Promise<void> {
    const records = events.flatMap((event) => this.encode(event, options));
    try {
      await within(APPEND_TIMEOUT_MS, this.producer.send(records));
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      throw new LogUnavailable(`The log does not answer (${reason}); send again.`);
    }
  }

  /** Does the topic hold no record? */
  async isEmpty(topic: string): Promise<boolean> {
    const offsets = await withAdmin(this.client, (admin) => admin.fetchTopicOffsets(topic));
    return offsets.every(({ high }) => high === '0');
  }

  /** Sends what waits and disconnects. */
  async close(): Promise<void> {
    await this.producer.close();
  }

  private encode(event: NewEvent, { traceparent }: AppendOptions) {
    const declared = declarationOf(event);
    refuseForeignWriter(this.service, this.service, [declared]);
    const partitions = declared.broadcast ? allPartitions : [undefined];
    return partitions.map((partition) => {
      this.count += 1;
      const id = `${this.lane}/${this.count}`;
      const cause = { correlationId: id, causationId: id, traceparent };
      const sequence = [this.count, 0] as const;
      const by = { id, source: this.service, time: Date.now(), cause, lane: this.lane, sequence };
      return place(encode(event, { ...by, partition }));
    });
  }
}

/** An append is refused after this long; it may still be on its way. */
const APPEND_TIMEOUT_MS = 5000;
