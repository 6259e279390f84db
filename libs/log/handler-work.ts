import type { EntityManager } from 'typeorm';
import type { EventType, LogEvent, NewEvent, Topic } from '#contracts/contract';
import { eventTypeOf, PARTITIONS } from '#contracts/contract';
import { badTrackOf } from '#contracts/bad';
import {
  ADDRESSEE_HEADER,
  decode,
  encode,
  header,
  laneOf,
  NewerVersion,
  typeOf,
} from './envelope.ts';
import type { Cause, IncomingRecord, OutgoingRecord } from './envelope.ts';
import { RecordRefusedError } from './on.ts';
import type { LogContext } from './on.ts';
import { refuseForeignWriter } from './processor.ts';
import { compareSequences } from './sequence.ts';
import type { Sequence } from './sequence.ts';
import type { Batch, Done, Work } from './work.ts';

/** Calls a decorated method; resolves when it is done. */
export type Call = (input: LogEvent | readonly LogEvent[], context: LogContext) => Promise<void>;

/** The handler methods of one consumer group: `@On` by event, or one `@OnBatch`. */
export class HandlerWork implements Work {
  readonly topics: readonly Topic[];
  private readonly byEvent = new Map<EventType, Call>();
  private batchCall: Call | null = null;

  constructor(
    readonly group: string,
    private readonly service: string,
    topics: readonly Topic[],
  ) {
    this.topics = topics;
  }

  /** `event` null: the method takes whole batches. */
  add(event: EventType | null, call: Call): void {
    if (event) this.byEvent.set(event, call);
    else this.batchCall = call;
  }

  async nextTimer(): Promise<null> {
    return null;
  }

  async run(tx: EntityManager, batch: Batch): Promise<Done> {
    const step = new HandlerStep(this.group, this.service, batch);
    const events: LogEvent[] = [];
    for (const record of batch.records) {
      try {
        const read = step.read(record, (type) => this.wanted(type));
        if (!read) continue;
        if (this.batchCall) events.push(read.event);
        else await this.byEvent.get(read.declared)!(read.event, step.context(tx, read.event));
      } catch (error) {
        if (error instanceof NewerVersion) return step.done(record.offset, error.message);
        if (!(error instanceof RecordRefusedError)) throw error;
        step.refuse(record, error.message);
      }
    }
    const last = events.at(-1);
    if (this.batchCall && last) await this.batchCall(events, step.context(tx, last));
    return step.done(batch.records.at(-1)!.offset + 1);
  }

  private wanted(type: EventType): boolean {
    return this.batchCall !== null || this.byEvent.has(type);
  }
}

/** One transaction's worth of reading and appending. */
class HandlerStep {
  private readonly append: OutgoingRecord[] = [];
  private readonly bad: Done['bad'][number][] = [];
  private readonly lanes = new Map<string, Sequence>();
  private readonly lane: string;
  private place: [offset: number, index: number] = [0, 0];
  private time: number;

  constructor(
    private readonly group: string,
    private readonly service: string,
    private readonly batch: Batch,
  ) {
    this.lane = `${group}@${batch.topic}-${batch.partition}`;
    this.time = batch.progress.time;
  }

  /** The event of a record, when this group wants it and has not seen it. */
  read(
    record: IncomingRecord,
    wanted: (type: EventType) => boolean,
  ): { declared: EventType; event: LogEvent } | undefined {
    this.time = Math.max(this.time, record.timestamp);
    this.place = [record.offset, 0];
    const skipped = this.batch.skips.get(record.offset);
    if (skipped !== undefined) throw new RecordRefusedError(skipped);
    const addressee = header(record, ADDRESSEE_HEADER);
    if (addressee !== undefined && addressee !== this.group) return undefined;
    const type = typeOf(record);
    if (type === undefined) throw new RecordRefusedError('the record is not a CloudEvent');
    const declared = eventTypeOf(this.batch.topic, type);
    if (!declared || !wanted(declared) || this.isSeen(record)) return undefined;
    try {
      const event = decode(declared, record, this.time);
      this.markSeen(record);
      return { declared, event };
    } catch (error) {
      if (error instanceof NewerVersion) throw error;
      throw new RecordRefusedError((error as Error).message);
    }
  }

  context(tx: EntityManager, cause: LogEvent): LogContext {
    const { correlationId, id: causationId, traceparent, time } = cause;
    return {
      tx,
      append: (...events) => {
        for (const event of events)
          this.output(event, time, { correlationId, causationId, traceparent });
      },
    };
  }

  refuse(record: IncomingRecord, reason: string): void {
    const { topic, partition } = this.batch;
    const refused = badTrackOf(topic).RecordRefused({
      group: this.group,
      reason: reason.slice(0, 2000).replaceAll('\u0000', ' '),
      topic,
      partition,
      offset: String(record.offset),
      key: record.key?.toString().slice(0, 1000).replaceAll('\u0000', ' ') ?? null,
      value: (record.value ?? Buffer.alloc(0)).toString('base64'),
      attempts: 1,
    });
    const id = `${topic}-${partition}/${record.offset}`;
    this.output(refused, this.time, { correlationId: id, causationId: id });
    this.bad.push({ offset: record.offset, reason });
  }

  done(offset: number, waitsFor?: string): Done {
    const { lanes, append, bad, batch, time } = this;
    const seen = new Map([...batch.progress.lanes, ...lanes]);
    const progress = { ...batch.progress, offset, index: 0, time, lanes: seen };
    return { progress, lanes, append, bad, nextTimer: null, waitsFor };
  }

  private output(event: NewEvent, time: number, cause: Cause): void {
    const declared = eventTypeOf(event.topic, event.type);
    if (!declared) throw new Error(`${event.type} is not declared on ${event.topic}`);
    refuseForeignWriter(this.group, this.service, [declared]);
    const partitions = declared.broadcast ? [...Array(PARTITIONS).keys()] : [undefined];
    for (const partition of partitions) {
      const sequence: Sequence = [...this.place];
      const id = `${this.lane}/${this.place[0]}.${this.place[1]}`;
      this.place[1] += 1;
      const by = { id, source: this.service, time, cause, lane: this.lane, sequence, partition };
      this.append.push(encode(event, by));
    }
  }

  private isSeen(record: IncomingRecord): boolean {
    const at = laneOf(record);
    if (!at) return false;
    const last = this.lanes.get(at.lane) ?? this.batch.progress.lanes.get(at.lane);
    return last !== undefined && compareSequences(at.sequence, last) <= 0;
  }

  private markSeen(record: IncomingRecord): void {
    const at = laneOf(record);
    if (at) this.lanes.set(at.lane, at.sequence);
  }
}
