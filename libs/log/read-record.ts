import type { EventType, LogEvent } from '#contracts/contract';
import { ADDRESSEE_HEADER, decode, header, typeOf } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import type { LanesSeen } from './lanes-seen.ts';

/**
 * The event of a record, when this group wants it and has not seen it; from then on it has. Throws
 * `NewerVersion` when the reader must wait, and an Error with the reason when the record is bad.
 */
export function readRecord(
  record: IncomingRecord,
  by: {
    group: string;
    lanes: LanesSeen;
    /** Offsets to refuse, with the reason. */
    skips?: ReadonlyMap<number, string> | undefined;
    /** Log time to give the event, ms. */
    time: number;
    /** The declaration, if this group wants events of the type. */
    wanted(type: string): EventType | undefined;
  },
): { declared: EventType; event: LogEvent } | undefined {
  const skipped = by.skips?.get(record.offset);
  if (skipped !== undefined) throw new Error(skipped);
  const addressee = header(record, ADDRESSEE_HEADER);
  if (addressee !== undefined && addressee !== by.group) return undefined;
  const type = typeOf(record);
  if (type === undefined) throw new Error('the record is not a CloudEvent');
  const declared = by.wanted(type);
  if (!declared || by.lanes.has(record)) return undefined;
  const event = decode(declared, record, by.time);
  by.lanes.add(record);
  return { declared, event };
}
