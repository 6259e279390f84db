import type { EventType, LogEvent, NewEvent } from '#contracts/contract';
import { eventTypeOf } from '#contracts/contract';
import { parse } from '#contracts/parse';
import type { Bad, BadKind, BadRecord } from './bad-record.ts';
import type { Cause, IncomingRecord, OutgoingRecord } from './envelope.ts';
import { ADDRESSEE_HEADER, header, NewerVersion } from './envelope.ts';
import { seeHit } from './hit-window.ts';
import type { HitWindow } from './hit-window.ts';
import type { KeptState, KeptStates } from './kept-states.ts';
import { LanesSeen } from './lanes-seen.ts';
import { Outputs } from './outputs.ts';
import type { Decision, Processor } from './processor.ts';
import { readRecord } from './read-record.ts';
import type { Sequence } from './sequence.ts';
import { ChangedRow, keptOf, unknownKey } from './state-row.ts';
import type { StateRow } from './state-row.ts';
import { DueTimers } from './timers.ts';
import type { Timer } from './timers.ts';

/** How far a group has come in one partition. */
export interface Progress {
  /** The next record to read. */
  offset: number;
  /** Outputs already made for that record, when its wake-ups were spread over transactions. */
  index: number;
  /** Log time of the partition, ms: the running maximum of its timestamps. */
  time: number;
  /** What everybody on this partition knows, as JSON text. */
  shared: string | null;
  /** Last sequence seen of each lane. */
  lanes: ReadonlyMap<string, Sequence>;
}

/** What a batch comes to: to be saved in one transaction. */
export interface Outcome {
  progress: Progress;
  /** Lanes whose last sequence moved. */
  lanes: Map<string, Sequence>;
  /** New rows by key; null is a forgotten key. */
  rows: Map<string, ChangedRow | null>;
  append: OutgoingRecord[];
  /** Records put on the bad track. */
  bad: Bad[];
  /** Set when the records end early: this reader must be updated before it can go on. */
  waitsFor?: string;
}

export interface FoldInput {
  processor: Processor;
  partition: number;
  progress: Progress;
  /** Rows of every key in the records that is not kept, and of the timers that are due. */
  rows: ReadonlyMap<string, StateRow>;
  /** States that need not be read again. */
  kept?: KeptStates | undefined;
  records: readonly IncomingRecord[];
  /** The last of the due timers in `rows`, when not all that are due are loaded. */
  horizon?: Timer | null;
  /** Offsets to skip with the reason: bad before, so bad again. */
  skips?: ReadonlyMap<number, string>;
}

/**
 * Runs a processor over consecutive records of one partition. The same progress, rows and records
 * give the same outcome, however the records are cut into batches. What is kept is changed, nothing
 * else.
 */
export function fold(input: FoldInput): Outcome {
  return new Fold(input).run();
}

class Fold {
  private readonly entries = new Map<string, KeptState>();
  private readonly withoutRow = new Set<string>();
  private readonly touched = new Set<string>();
  private readonly lanes: LanesSeen;
  private readonly outputs: Outputs;
  private readonly timers: DueTimers;
  private shared: unknown;
  private sharedChanged = false;
  private time: number;
  private waitsFor: string | undefined;

  constructor(private readonly input: FoldInput) {
    const { processor, progress, rows, partition, horizon = null } = input;
    const { name: group, service, topic } = processor;
    const reader = { group, service, topic: topic.name, partition };
    this.outputs = new Outputs(reader, progress.offset, progress.index);
    this.lanes = new LanesSeen(progress.lanes);
    this.time = progress.time;
    this.shared = progress.shared === null ? null : this.loadShared(progress.shared);
    this.timers = new DueTimers(rows, horizon);
  }

  run(): Outcome {
    for (const record of this.input.records) {
      if (record.offset < this.outputs.offset) continue;
      this.outputs.moveTo(record.offset);
      const time = Math.max(this.time, record.timestamp);
      if (!this.wakeUntil(time)) break;
      this.time = time;
      try {
        this.take(record);
      } catch (error) {
        if (!(error instanceof NewerVersion)) throw error;
        this.waitsFor = error.message;
        break;
      }
      this.outputs.moveTo(record.offset + 1);
    }
    return this.outcome();
  }

  /** Runs the timers due before a record of this time; false when not all of them are loaded. */
  private wakeUntil(time: number): boolean {
    for (;;) {
      const due = this.timers.next(time);
      if (due === 'unknown') return false;
      if (!due) return true;
      const entry = this.entry(due.key);
      if (entry.lookAt !== due.at) continue; // Looked at since.
      const { wakeAt, cause } = entry;
      this.touched.add(due.key);
      entry.lookAt = null;
      if (wakeAt !== due.at) {
        this.lookAt(wakeAt, due.key, entry); // Set anew or cancelled since.
        continue;
      }
      this.time = Math.max(this.time, due.at);
      entry.wakeAt = null;
      entry.cause = null;
      this.wake(due.key, due.at, entry, cause!);
      forgetLook(entry);
    }
  }

  private wake(key: string, at: number, entry: KeptState, cause: Cause): void {
    const { processor } = this.input;
    try {
      this.apply(key, entry, processor.wake(entry.state, at, key, this.shared), at, cause);
    } catch (error) {
      const value = Buffer.from(JSON.stringify({ wokenAt: at }));
      const { offset } = this.outputs;
      this.refuse(
        { offset, timestamp: at, key: Buffer.from(key), value, headers: {} },
        'timer',
        error,
      );
    }
  }

  private take(record: IncomingRecord): void {
    const { processor, skips } = this.input;
    const { lanes, time } = this;
    const wanted = (type: string) => processor.reads.get(type);
    let read: ReturnType<typeof readRecord>;
    try {
      read = readRecord(record, { group: processor.name, lanes, skips, time, wanted });
    } catch (error) {
      if (error instanceof NewerVersion) throw error;
      return this.refuse(record, (error as BadRecord).kind, error);
    }
    if (read) this.handle(read.declared, read.event, record);
  }

  private handle(declared: EventType, event: LogEvent, record: IncomingRecord): void {
    const { processor } = this.input;
    // Outside of what is caught: a row that cannot be read is not the fault of this record.
    const entry = declared.broadcast ? null : this.entry(event.key!);
    try {
      if (!entry) {
        // Parsed at once, as states are: what its codec drops must not decide in this batch only.
        this.shared = parse(processor.shared!, processor.share(this.shared, event));
        this.sharedChanged = true;
        return;
      }
      const key = event.key!;
      const hit = declared.numbered ? (event.data as { tab: string; hit: number }) : null;
      // What is sent again on purpose is late, not repeated.
      const mayBeLate = header(record, ADDRESSEE_HEADER) !== undefined;
      const window = hit && seeHit(entry.hits?.get(hit.tab), hit.hit, mayBeLate);
      if (window === undefined) return;
      const state = entry.state ?? processor.initial;
      const decision = processor.on(state, event, this.shared) || undefined;
      this.apply(key, entry, decision, event.time, causeOf(event));
      // Last: a hit that is refused does not count as seen, so it can be sent again.
      if (hit && decision?.state !== null) this.remember(key, entry, hit.tab, window!);
      forgetLook(entry);
    } catch (error) {
      this.refuse(record, 'fold', error);
    }
  }

  private apply(
    key: string,
    entry: KeptState,
    decision: Decision<any> | void,
    time: number,
    cause: Cause,
  ): void {
    if (!decision) return;
    const { state } = decision;
    // Parsed at once: a state that does not fit is this record's fault, and keys get one order.
    const parsed =
      state === undefined || state === null ? state : parse(this.input.processor.state, state);
    const wakeAt = decision.wakeAt ?? null;
    if (wakeAt !== null && !Number.isSafeInteger(wakeAt)) {
      throw new Error(`wakeAt is ${wakeAt}, not whole ms`);
    }
    if (decision.append) {
      this.outputs.appendAll(decision.append, (event) => this.output(event, time, cause));
    }
    this.touched.add(key);
    if (parsed !== undefined) {
      entry.state = parsed;
      if (parsed === null) [entry.wakeAt, entry.hits, entry.cause] = [null, null, null];
    }
    if (decision.wakeAt !== undefined && decision.state !== null) {
      entry.wakeAt = wakeAt === null ? null : Math.max(wakeAt, this.time + 1);
      entry.cause = entry.wakeAt === null ? null : cause;
      this.lookAt(entry.wakeAt, key, entry);
    }
  }

  /** The timer is looked at when it is due; or before, where it was to be looked at before. */
  private lookAt(wakeAt: number | null, key: string, entry: KeptState): void {
    if (wakeAt === null || (entry.lookAt !== null && entry.lookAt <= wakeAt)) return;
    entry.lookAt = wakeAt;
    this.timers.add(wakeAt, key);
  }

  private output(event: NewEvent, time: number, cause: Cause): void {
    const { appends, name } = this.input.processor;
    const declared = eventTypeOf(event.topic, event.type);
    if (!declared || !appends.has(declared)) {
      throw new Error(`${name} appends ${event.type} without naming it in "appends"`);
    }
    this.outputs.append(event, time, cause);
  }

  private refuse(record: IncomingRecord, kind: BadKind, error: unknown): void {
    this.outputs.refuse(record, kind, error, this.time);
  }

  private remember(key: string, entry: KeptState, tab: string, window: HitWindow): void {
    const hits = (entry.hits ??= new Map());
    if (hits.size > 1) hits.delete(tab); // So that the tab used last is the last in the map.
    hits.set(tab, window);
    if (hits.size > MAX_TABS) {
      const [oldest] = hits.keys();
      hits.delete(oldest!);
    }
    this.touched.add(key);
  }

  private entry(key: string): KeptState {
    let entry = this.entries.get(key);
    if (!entry) {
      entry = this.input.kept?.get(key) ?? this.load(key);
      this.entries.set(key, entry);
    }
    return entry;
  }

  private loadShared(text: string): unknown {
    const { processor, kept } = this.input;
    const load = () => parse(processor.shared!, JSON.parse(text));
    return kept ? kept.shared(text, load) : load();
  }

  private load(key: string): KeptState {
    const row = this.input.rows.get(key);
    if (!row) {
      this.withoutRow.add(key);
      return unknownKey();
    }
    return keptOf(row, this.input.processor.state);
  }

  private outcome(): Outcome {
    const { progress } = this.input;
    const rows: Outcome['rows'] = new Map();
    for (const key of this.touched) {
      const entry = this.entries.get(key)!;
      if (!isEmpty(entry)) rows.set(key, new ChangedRow(entry));
      else if (!this.withoutRow.has(key)) rows.set(key, null);
    }
    const shared = this.sharedChanged ? JSON.stringify(this.shared) : progress.shared;
    const { outputs, lanes, time, waitsFor } = this;
    const { offset, index } = outputs;
    return {
      progress: { offset, index, time, shared, lanes: lanes.all() },
      lanes: lanes.moved,
      rows,
      append: outputs.records,
      bad: outputs.bad,
      waitsFor,
    };
  }
}

/** Nothing is known of the key: it needs no row. */
function isEmpty({ state, hits, wakeAt }: KeptState): boolean {
  return state === null && hits === null && wakeAt === null;
}

/** What comes back begins anew, also within a batch. */
function forgetLook(entry: KeptState): void {
  if (isEmpty(entry)) entry.lookAt = null;
}

/** Tabs of one visitor whose hit numbers are remembered. */
const MAX_TABS = 16;

function causeOf(event: LogEvent): Cause {
  const { correlationId, id, traceparent } = event;
  return { correlationId, causationId: id, traceparent };
}
