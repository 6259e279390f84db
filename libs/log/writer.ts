import { randomUUID } from 'node:crypto';
import type { Kafka } from 'kafkajs';
import type { NewEvent } from '#contracts/contract';
import { allPartitions, declarationOf } from '#contracts/contract';
import { encode } from './envelope.ts';
import { connectKafka, withAdmin } from './kafka.ts';
import { silent } from './log-sink.ts';
import type { LogSink } from './log-sink.ts';
import { countAppended } from './metrics.ts';
import { refuseForeignWriter } from './processor.ts';
import type { Security } from './security.ts';
import { place, Producer } from './producer.ts';
import type { PlacedRecord } from './producer.ts';
import { within } from './within.ts';

/** The broker did not acknowledge in time: nothing is promised, send again. */
export class LogUnavailable extends Error {}

export interface AppendOptions {
  /** W3C trace context of the request that caused it. */
  traceparent?: string | undefined;
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
      countAppended(records);
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

  private encode(event: NewEvent, { traceparent }: AppendOptions): PlacedRecord[] {
    const { lane, service, count } = this;
    const records = encodeInLane(event, { service, lane, count, time: Date.now(), traceparent });
    this.count += records.length;
    return records;
  }
}

/**
 * An event as a writer without a database appends it, after `count` others in its lane; a broadcast is a
 * record for each partition. `time` is in ms. Throws when `service` is no declared writer of it.
 */
export function encodeInLane(
  event: NewEvent,
  by: {
    service: string;
    lane: string;
    count: number;
    time: number;
    traceparent?: string | undefined;
  },
): PlacedRecord[] {
  const { service, lane, time, traceparent } = by;
  const declared = declarationOf(event);
  refuseForeignWriter(service, service, [declared]);
  const partitions = declared.broadcast ? allPartitions : [undefined];
  return partitions.map((partition, index) => {
    const major = by.count + index + 1;
    const id = `${lane}/${major}`;
    const cause = { correlationId: id, causationId: id, traceparent };
    return place(
      encode(event, { id, source: service, time, cause, lane, sequence: [major, 0], partition }),
    );
  });
}

/** An append is refused after this long; it may still be on its way. */
const APPEND_TIMEOUT_MS = 5000;
