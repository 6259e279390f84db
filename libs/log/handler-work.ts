import type { EntityManager } from 'typeorm';
import type { EventType, LogEvent, Topic } from '#contracts/contract';
import { declarationOf, eventTypeOf } from '#contracts/contract';
import { BadRecord } from './bad-record.ts';
import type { BadKind } from './bad-record.ts';
import { NewerVersion } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { KeptStates } from './kept-states.ts';
import { LanesSeen } from './lanes-seen.ts';
import { RecordRefusedError } from './on.ts';
import type { LogContext } from './on.ts';
import { Outputs } from './outputs.ts';
import { refuseForeignWriter } from './processor.ts';
import { readRecord } from './read-record.ts';
import type { By } from './read-record.ts';
import type { Batch, Done, Run, Work } from './work.ts';

/** Calls a decorated method; resolves when it is done. */
export type Call = (input: LogEvent | readonly LogEvent[], context: LogContext) => Promise<unknown>;

/** The handler methods of one consumer group: `@On` by event, or one `@OnBatch`. */
export class HandlerWork implements Work {
  readonly topics: readonly Topic[];
  readonly shares = false;
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

  wants(type: string): boolean {
    return this.batchCall !== null || [...this.byEvent.keys()].some((event) => event.type === type);
  }

  keep(): KeptStates {
    return new KeptStates(0);
  }

  async nextTimer(): Promise<null> {
    return null;
  }

  async nextDue(): Promise<null> {
    return null;
  }

  async run(tx: EntityManager, batches: readonly Batch[], locked: Promise<void>): Promise<Run> {
    await locked;
    const done: Done[] = [];
    for (const batch of batches) done.push(await this.runBatch(tx, batch));
    return { done, written: Promise.resolve() };
  }

  /** With a savepoint for each event only when one was refused: that is rare, and costs. */
  private async runBatch(tx: EntityManager, batch: Batch): Promise<Done> {
    try {
      return await tx.transaction((together) => this.runAll(together, batch, false));
    } catch (error) {
      if (!(error instanceof OneRefused)) throw error;
      return this.runAll(tx, batch, true);
    }
  }

  /** `apart`: each event in a savepoint of its own, so that one can be refused without the others. */
  private async runAll(tx: EntityManager, batch: Batch, apart: boolean): Promise<Done> {
    const step = new HandlerStep(this.group, this.service, batch, (type) => this.wanted(type));
    const events: LogEvent[] = [];
    let end = batch.records.at(-1)!.offset + 1;
    let waitsFor: string | undefined;
    for (const record of batch.records) {
      try {
        const read = step.read(record);
        if (!read) continue;
        if (this.batchCall) events.push(read.event);
        else {
          const call = this.byEvent.get(read.declared)!;
          if (apart) await tx.transaction((its) => step.handOver(its, read.event, call));
          else await call(read.event, step.context(tx, read.event));
        }
      } catch (error) {
        if (error instanceof NewerVersion) {
          [end, waitsFor] = [record.offset, error.message];
          break;
        }
        if (error instanceof BadRecord) step.refuse(record, error.kind, error);
        else if (!(error instanceof RecordRefusedError)) throw error;
        else if (apart) step.refuse(record, 'handler', error);
        else throw new OneRefused();
      }
    }
    const last = events.at(-1);
    if (this.batchCall && last) await this.batchCall(events, step.context(tx, last));
    return step.done(end, waitsFor);
  }

  private wanted(type: EventType): boolean {
    return this.batchCall !== null || this.byEvent.has(type);
  }
}

/** An event was refused that may have left rows behind. */
class OneRefused extends Error {}

/** One transaction's worth of reading and appending. */
class HandlerStep {
  private readonly outputs: Outputs;
  private readonly by: By;

  constructor(
    private readonly group: string,
    private readonly service: string,
    private readonly batch: Batch,
    wants: (type: EventType) => boolean,
  ) {
    const { topic, partition, progress } = batch;
    this.outputs = new Outputs({ group, service, topic, partition }, progress.offset, 0);
    const wanted = (type: string) => {
      const declared = eventTypeOf(topic, type);
      return declared && wants(declared) ? declared : undefined;
    };
    const lanes = new LanesSeen(progress.lanes);
    this.by = { group, lanes, skips: batch.skips, time: progress.time, wanted };
  }

  /** As `readRecord`, for the events of this topic. */
  read(record: IncomingRecord): ReturnType<typeof readRecord> {
    this.by.time = Math.max(this.by.time, record.timestamp);
    this.outputs.moveTo(record.offset);
    return readRecord(record, this.by);
  }

  /** What a refused event appended goes again, as its rows go with its savepoint. */
  async handOver(tx: EntityManager, event: LogEvent, call: Call): Promise<void> {
    const undo = this.outputs.mark();
    try {
      await call(event, this.context(tx, event));
    } catch (error) {
      undo();
      throw error;
    }
  }

  context(tx: EntityManager, cause: LogEvent): LogContext {
    const { correlationId, id: causationId, traceparent, time } = cause;
    return {
      tx,
      append: (...events) => {
        for (const event of events) {
          refuseForeignWriter(this.group, this.service, [declarationOf(event)]);
          this.outputs.append(event, time, { correlationId, causationId, traceparent });
        }
      },
    };
  }

  refuse(record: IncomingRecord, kind: BadKind, error: Error): void {
    this.outputs.refuse(record, kind, error, this.by.time);
  }

  done(offset: number, waitsFor?: string): Done {
    const { lanes, time } = this.by;
    const progress = { ...this.batch.progress, offset, index: 0, time, lanes: lanes.all() };
    const { records: append, bad } = this.outputs;
    return { progress, lanes: lanes.moved, append, bad, nextTimer: null, waitsFor };
  }
}
