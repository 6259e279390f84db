import { topicOfBadTrack } from '#contracts/bad';
import type { BadTrack } from '#contracts/bad';
import type { DataOf } from '#contracts/contract';
import { decodeKnown } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';

/** What was decided about a refused record. */
export interface Settled {
  how: 'retried' | 'discarded';
  by: string;
  /** Why it was discarded; null for a retry. */
  why: string | null;
  /** Log time, ms. */
  time: number;
  /** The id of the event that says so. */
  eventId: string;
}

/** A refused record and what became of it. */
export interface BadCase {
  /** Where the bad track has it: `visitors.bad-2/17`. */
  id: string;
  data: DataOf<BadTrack['RecordRefused']>;
  eventId: string;
  /** Log time, ms. */
  time: number;
  correlationId: string;
  causationId: string;
  /** Null while nobody decided. */
  settled: Settled | null;
}

/** A place on the log, as people write it. */
export interface At {
  topic: string;
  partition: number;
  offset: number;
}

export const textOf = ({ topic, partition, offset }: At) => `${topic}-${partition}/${offset}`;

/** The inverse of {@link textOf}; undefined when it is none. */
export function parseAt(text: string): At | undefined {
  const [, topic, partition, offset] = /^(.+)-(\d{1,6})\/(\d{1,15})$/.exec(text) ?? [];
  if (topic === undefined) return undefined;
  return { topic, partition: Number(partition), offset: Number(offset) };
}

/**
 * The refused records of bad tracks, in the order they are read. Each partition has to come in its
 * own order: the first decision about a record holds.
 */
export class BadCases {
  readonly byId = new Map<string, BadCase>();
  /** A lost answer makes a refusal twice: the second place of an event, with the first. */
  readonly repeats = new Map<string, string>();
  private readonly byEvent = new Map<string, string>();

  /** `valueOf` is the one whose raw bytes are kept: all of them may be more than memory holds. */
  constructor(private readonly valueOf: string | null = null) {}

  take(topic: string, partition: number, record: IncomingRecord): void {
    if (topicOfBadTrack(topic) === null) return;
    let event: ReturnType<typeof decodeKnown>;
    try {
      event = decodeKnown(topic, record);
    } catch {
      return; // Bytes that somebody else put here.
    }
    if (!event) return;
    const id = textOf({ topic, partition, offset: record.offset });
    if (event.type !== 'RecordRefused') return this.settle(event.type, event);
    const first = this.byEvent.get(event.id);
    if (first !== undefined) return void this.repeats.set(id, first);
    this.byEvent.set(event.id, id);
    const data = event.data as BadCase['data'];
    this.byId.set(id, {
      id,
      data: id === this.valueOf ? data : { ...data, value: '' },
      eventId: event.id,
      time: event.time,
      correlationId: event.correlationId,
      causationId: JSON.parse(record.value!.toString()).causationid,
      settled: null,
    });
  }

  private settle(type: string, { id, data, time }: { id: string; data: unknown; time: number }) {
    const { refused, by, why = null } = data as { refused: string; by: string; why?: string };
    const found = this.byId.get(refused);
    if (!found || found.settled) return;
    const how = type === 'RecordRetried' ? 'retried' : 'discarded';
    found.settled = { how, by, why, time, eventId: id };
  }
}

/** The lane of whatever is appended for a refused record: readers drop what comes twice. */
export const laneOfCase = (id: string) => `bad:${id}`;
