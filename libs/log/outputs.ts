import type { NewEvent } from '#contracts/contract';
import { allPartitions, eventTypeOf } from '#contracts/contract';
import { badTrackOf, MAX_KEPT_BYTES } from '#contracts/bad';
import { reasonOf } from './bad-record.ts';
import type { Bad, BadKind } from './bad-record.ts';
import { ATTEMPT_HEADER, correlationOf, encode, header, typeOf } from './envelope.ts';
import type { Cause, IncomingRecord, OutgoingRecord } from './envelope.ts';

/** Where a consumer group reads, and for which service. */
export interface Reader {
  group: string;
  service: string;
  topic: string;
  partition: number;
}

/**
 * What a consumer group appends while it reads one partition. Its lane is group + source
 * partition, the sequence the pair (source offset, index): no counter, so a second run makes the
 * same ids.
 */
export class Outputs {
  readonly records: OutgoingRecord[] = [];
  /** Records put on the bad track, with the reason. */
  readonly bad: Bad[] = [];
  private readonly lane: string;

  constructor(
    private readonly reader: Reader,
    /** The record being read, and the outputs made for it so far. */
    public offset: number,
    public index: number,
  ) {
    this.lane = `${reader.group}@${reader.topic}-${reader.partition}`;
  }

  /** Goes on to another record; for the same one the index goes on too. */
  moveTo(offset: number): void {
    if (offset !== this.offset) [this.offset, this.index] = [offset, 0];
  }

  /** Appends an event; `time` (ms) is the log time of its cause. */
  append(event: NewEvent, time: number, cause: Cause): void {
    const broadcast = eventTypeOf(event.topic, event.type)?.broadcast ?? false;
    const { lane } = this;
    for (const partition of broadcast ? allPartitions : [undefined]) {
      const id = `${lane}/${this.offset}.${this.index}`;
      const sequence = [this.offset, this.index] as const;
      const by = { id, source: this.reader.service, time, cause, lane, sequence, partition };
      this.records.push(encode(event, by));
      this.index += 1;
    }
  }

  /** All of these or, when one of them is not allowed, none. */
  appendAll(events: readonly NewEvent[], append: (event: NewEvent) => void): void {
    const undo = this.mark();
    try {
      for (const event of events) append(event);
    } catch (error) {
      undo();
      throw error;
    }
  }

  /** Returns what takes back everything appended from here on. */
  mark(): () => void {
    const [count, index] = [this.records.length, this.index];
    return () => {
      this.records.length = count;
      this.index = index;
    };
  }

  /** Puts a record on the bad track of its topic, for this group, with what was thrown at it. */
  refuse(record: IncomingRecord, kind: BadKind, error: unknown, time: number): void {
    const { group, topic, partition } = this.reader;
    const { offset, key, value } = record;
    const [reason, size] = [reasonOf(error), value?.length ?? null];
    const type = typeOf(record);
    const refused = badTrackOf(topic).RecordRefused({
      group,
      reason: clean(reason, 2000),
      topic,
      partition,
      // A timer never was a record; its cause says before which one it ran.
      offset: kind === 'timer' ? null : String(offset),
      key: key === null ? null : clean(key.toString(), 1000),
      value: value !== null && value.length <= MAX_KEPT_BYTES ? value.toString('base64') : '',
      attempts: attemptOf(record),
      size,
      type: type === undefined ? null : clean(type, 200),
    });
    const at = `${topic}-${partition}/${offset}`;
    const correlationId = correlationOf(record) ?? at;
    this.append(refused, time, { correlationId, causationId: at });
    this.bad.push({ offset, reason, kind });
  }
}

function attemptOf(record: IncomingRecord): number {
  const attempt = Number(header(record, ATTEMPT_HEADER) ?? 1);
  return Number.isSafeInteger(attempt) && attempt > 0 ? attempt : 1;
}

function clean(text: string, max: number): string {
  return text.replaceAll('\u0000', ' ').slice(0, max);
}
