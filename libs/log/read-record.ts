import type { EventType, LogEvent } from '#contracts/contract';
import { BadRecord, reasonOf } from './bad-record.ts';
import { ADDRESSEE_HEADER, decode, header, laneOf, NewerVersion, typeOf } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import type { LanesSeen } from './lanes-seen.ts';

/** Begins the reason of a record that is skipped for a value. */
export const DATABASE_REFUSES = 'the database refuses a value';

/** Who reads, and what it knows. */
export interface By {
  group: string;
  lanes: LanesSeen;
  /** Offsets to refuse, with the reason. */
  skips?: ReadonlyMap<number, string> | undefined;
  /** Log time to give the event, ms. */
  time: number;
  /** The declaration, if this group wants events of the type. */
  wanted(type: string): EventType | undefined;
}

type Read = { declared: EventType; event: LogEvent } | undefined;

/**
 * The event of a record, when this group wants it and has not seen it; from then on it has. Throws
 * `NewerVersion` when the reader must wait, and {@link BadRecord} when the record is bad.
 */
export function readRecord(record: IncomingRecord, by: By): Read {
  const skipped = by.skips?.get(record.offset);
  if (skipped === undefined) return read(record, by);
  try {
    read(record, by); // So that its lane moves as it did when the record was refused.
  } catch {
    // Bad then, bad now.
  }
  throw new BadRecord(skipped.startsWith(DATABASE_REFUSES) ? 'database' : 'skipped', skipped);
}

function read(record: IncomingRecord, by: By): Read {
  const addressee = header(record, ADDRESSEE_HEADER);
  if (addressee !== undefined && addressee !== by.group) return undefined;
  const type = typeOf(record);
  if (type === undefined) throw new BadRecord('unparsable', 'the record is not a CloudEvent');
  const declared = by.wanted(type);
  if (!declared) return undefined;
  const at = laneOf(record);
  if (by.lanes.has(at)) return undefined;
  const event = decoded(declared, record, by.time);
  by.lanes.add(at);
  return { declared, event };
}

function decoded(declared: EventType, record: IncomingRecord, time: number): LogEvent {
  try {
    return decode(declared, record, time);
  } catch (error) {
    if (error instanceof NewerVersion || error instanceof BadRecord) throw error;
    throw new BadRecord('invalid', reasonOf(error));
  }
}
