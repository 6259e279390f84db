import { createHash } from 'node:crypto';
import { header, LANE_HEADER, typeOf } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { parseTraceparent } from './trace.ts';
import type { TraceContext } from './trace.ts';
import type { Done, Work } from './work.ts';

/** A consumer group has done an event of a traced story: one hop of it over the log. */
export interface Hop {
  group: string;
  topic: string;
  partition: number;
  offset: number;
  type: string;
  eventId: string;
  /** Why the record was put on the bad track; undefined when it was not. */
  refused: string | undefined;
  /** The trace, and the span that the hop follows. */
  parent: TraceContext;
  spanId: string;
  /** The transaction, ms since 1970. */
  from: number;
  to: number;
}

/** One transaction of the delivery loop, committed just now. */
export interface Committed {
  work: Work;
  topic: string;
  partition: number;
  records: readonly IncomingRecord[];
  done: Pick<Done, 'progress' | 'bad'>;
  tookMs: number;
}

/** Who reads its topic anew has nobody waiting for these traces. */
const NEWS_MS = 10 * 60_000;

let listener: ((hop: Hop) => void) | null = null;

/** Calls `hear` for each hop from now on. Without a listener hops cost nothing. */
export function onHop(hear: (hop: Hop) => void): void {
  listener = hear;
}

/** Tells the listener, if there is one. */
export function tellHops(committed: Committed): void {
  if (!listener) return;
  for (const hop of hopsOf(committed, Date.now())) listener(hop);
}

/** The hops of a transaction that ended `now` (ms since 1970). */
export function hopsOf(committed: Committed, now: number): Hop[] {
  const { records, done } = committed;
  return records
    .filter(({ offset }) => offset < done.progress.offset)
    .filter(({ timestamp }) => timestamp > now - NEWS_MS)
    .flatMap((record) => hopOf(record, committed, now) ?? []);
}

/**
 * An output has the trace context of its cause, byte for byte, or a rebuild would not give the same
 * events. So the id of a hop is no random one: it follows from the group and the event, and who reads
 * an output knows from its lane and its cause which hop it follows.
 */
function hopOf(record: IncomingRecord, by: Committed, now: number): Hop | undefined {
  const type = typeOf(record);
  if (type === undefined || !by.work.wants(type)) return undefined;
  const event = parsed(record);
  const origin = parseTraceparent(event.traceparent ?? '');
  if (!origin || event.id === undefined) return undefined;
  const { topic, partition, done, tookMs } = by;
  const { group } = by.work;
  const { offset } = record;
  const [writer, isGroup] = (header(record, LANE_HEADER) ?? '').split('@');
  const follows =
    isGroup && event.causationid ? spanIdOf(writer!, event.causationid) : origin.spanId;
  return {
    ...{ group, topic, partition, offset, type },
    ...{ from: now - tookMs, to: now },
    eventId: event.id,
    refused: done.bad.find((each) => each.offset === offset)?.reason,
    parent: { ...origin, spanId: follows },
    spanId: spanIdOf(group, event.id),
  };
}

function spanIdOf(group: string, eventId: string): string {
  return createHash('sha1').update(`${group}\n${eventId}`).digest('hex').slice(0, 16);
}

interface Traced {
  id?: string;
  traceparent?: string;
  causationid?: string;
}

function parsed({ value }: IncomingRecord): Traced {
  try {
    const body: unknown = JSON.parse(value?.toString() ?? '');
    return Object.fromEntries(
      Object.entries(body as object).filter(([, each]) => typeof each === 'string'),
    );
  } catch {
    return {};
  }
}
