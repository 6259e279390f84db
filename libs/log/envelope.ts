import type { EventType, LogEvent, NewEvent } from '#contracts/contract';
import { check, eventTypeOf, mayWrite } from '#contracts/contract';
import { BadRecord } from './bad-record.ts';
import { digits, formatSequence, parseSequence } from './sequence.ts';
import type { Sequence } from './sequence.ts';

/** Why an event is on the log: where its story began, what caused it, in which trace. */
export interface Cause {
  correlationId: string;
  causationId: string;
  traceparent?: string;
}

/** A record as it is appended to Kafka. */
export interface OutgoingRecord {
  topic: string;
  /** Set for broadcasts, which go to each partition; otherwise the key decides. */
  partition: number | null;
  key: string | null;
  type: string;
  lane: string | null;
  sequence: Sequence | null;
  value: string;
}

/** A record as it is read, from the client library or from a test. */
export interface IncomingRecord {
  offset: number;
  /** Log append time, milliseconds since 1970. */
  timestamp: number;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, Buffer | string | (Buffer | string)[] | undefined>;
}

/** A record as kafkajs hands it over. */
export function toRecord(message: {
  offset: string;
  timestamp: string;
  key: Buffer | null;
  value: Buffer | null;
  headers?: IncomingRecord['headers'] | undefined;
}): IncomingRecord {
  const { offset, timestamp, key, value, headers = {} } = message;
  return { offset: Number(offset), timestamp: msOf(timestamp), key, value, headers };
}

/** Records that were appended together have one time: it is read once. */
let last = { text: '', ms: 0 };
function msOf(text: string): number {
  if (text !== last.text) last = { text, ms: Number(text) };
  return last.ms;
}

/** Record headers, so that a reader can skip without parsing. */
export const TYPE_HEADER = 'ce_type';
export const LANE_HEADER = 'ce_lane';
export const SEQUENCE_HEADER = 'ce_sequence';
/** A record sent again from a bad track is for this group only; the others pass it over. */
export const ADDRESSEE_HEADER = 'addressee';
/** On such a record: the how-manieth try it is, what it repeats, and the story that belongs to. */
export const ATTEMPT_HEADER = 'attempt';
export const CAUSATION_HEADER = 'ce_causationid';
export const CORRELATION_HEADER = 'ce_correlationid';

/** The event type is newer than this reader: it waits for its own update. */
export class NewerVersion extends Error {}

/** The value of one header as text; undefined when there is none. */
export function header(record: IncomingRecord, name: string): string | undefined {
  const value = record.headers[name];
  const first = Array.isArray(value) ? value[0] : value;
  return first === undefined ? undefined : first.toString();
}

/**
 * Writes an event as CloudEvents 1.0 JSON with our extensions (correlationid, causationid, lane,
 * sequence, traceparent). `time` is in milliseconds.
 */
export function encode(
  event: NewEvent,
  by: {
    id: string;
    source: string;
    time: number;
    cause: Cause;
    lane: string | null;
    sequence: Sequence | null;
    partition?: number;
  },
): OutgoingRecord {
  const { lane, sequence, cause } = by;
  const value = JSON.stringify({
    specversion: '1.0',
    id: by.id,
    source: `/${by.source}`,
    type: event.type,
    subject: event.key ?? undefined,
    time: new Date(by.time).toISOString(),
    dataschema: `/${event.topic}/${event.type}/${event.version}`,
    datacontenttype: 'application/json',
    correlationid: cause.correlationId,
    causationid: cause.causationId,
    traceparent: cause.traceparent,
    lane: lane ?? undefined,
    sequence: sequence ? formatSequence(sequence) : undefined,
    data: event.data,
  });
  const partition = by.partition ?? null;
  return { topic: event.topic, partition, key: event.key, type: event.type, lane, sequence, value };
}

/** Where a record is in its lane. */
export interface InLane {
  lane: string;
  sequence: Sequence;
}

/** Lane and sequence of a record, from its headers; undefined when it has none. */
export function laneOf(record: IncomingRecord): InLane | undefined {
  const lane = header(record, LANE_HEADER);
  const sequence = parseSequence(header(record, SEQUENCE_HEADER) ?? '');
  return lane !== undefined && sequence ? { lane, sequence } : undefined;
}

/** The type of a record: from its header, or from its body when somebody left the header out. */
export function typeOf(record: IncomingRecord): string | undefined {
  const type = header(record, TYPE_HEADER);
  if (type !== undefined) return type;
  try {
    const { type } = JSON.parse(record.value?.toString() ?? '') as { type?: unknown };
    return typeof type === 'string' ? type : undefined;
  } catch {
    return undefined;
  }
}

/** The id of the story a record belongs to; undefined when it names none. */
export function correlationOf(record: IncomingRecord): string | undefined {
  const kept = header(record, CORRELATION_HEADER);
  if (kept !== undefined) return kept;
  try {
    const { correlationid } = JSON.parse(record.value?.toString() ?? '') as Record<string, unknown>;
    return typeof correlationid === 'string' ? correlationid : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Parses, upcasts and validates a record against its contract. `time` is the log time to give it.
 * Throws an Error whose message says what is wrong ({@link BadRecord} when the bytes cannot be read),
 * or {@link NewerVersion}.
 */
export function decode(event: EventType, record: IncomingRecord, time: number): LogEvent {
  const body = parseBody(record);
  const path = text(body, 'source');
  const source = path.startsWith('/') ? path.slice(1) : path;
  if (!mayWrite(event, source)) {
    throw new Error(`${event.type} was written by ${source}; only ${event.writers} may write it`);
  }
  const key = record.key === null ? null : record.key.toString();
  if (key === null && !event.broadcast && event.topic.keyField !== null) {
    throw new Error(`${event.type} has no key; ${event.topic.name} needs ${event.topic.keyField}`);
  }
  const data = check(event.type, event.schema, upcast(event, body));
  const traceparent = typeof body.traceparent === 'string' ? body.traceparent : undefined;
  const id = text(body, 'id');
  const correlationId = typeof body.correlationid === 'string' ? body.correlationid : id;
  return { type: event.type, data, key, id, source, time, correlationId, traceparent };
}

/** As {@link decode}, for whoever watches a topic: the declaration is looked up. */
export function decodeKnown(topic: string, record: IncomingRecord): LogEvent | undefined {
  const type = typeOf(record);
  const event = type === undefined ? undefined : eventTypeOf(topic, type);
  return event && decode(event, record, record.timestamp);
}

function parseBody(record: IncomingRecord): Record<string, unknown> {
  if (record.value === null) throw new BadRecord('unparsable', 'the record has no value');
  let body: unknown;
  try {
    body = JSON.parse(record.value.toString());
  } catch {
    throw new BadRecord('unparsable', 'the record is not JSON');
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new BadRecord('unparsable', 'the record is not a CloudEvents object');
  }
  return body as Record<string, unknown>;
}

function text(body: Record<string, unknown>, attribute: string): string {
  const value = body[attribute];
  if (typeof value === 'string' && value.length > 0) return value;
  throw new BadRecord('unparsable', `the CloudEvents attribute ${attribute} is missing`);
}

/** `/topic/type/version`; what names none is of the first. */
function versionOf(dataschema: unknown): number {
  if (typeof dataschema !== 'string') return 1;
  const slash = dataschema.lastIndexOf('/');
  return slash < 0 ? 1 : (digits(dataschema, slash + 1, dataschema.length, Infinity) ?? 1);
}

function upcast(event: EventType, body: Record<string, unknown>): unknown {
  const written = versionOf(body.dataschema);
  if (written > event.version) {
    throw new NewerVersion(
      `${event.type} has version ${written}; this service knows ${event.version} and waits.`,
    );
  }
  let { data } = body;
  for (let version = written; version < event.version; version += 1) {
    const step = event.upcasts[version];
    if (!step) throw new Error(`${event.type} version ${version} has no upcast to ${version + 1}`);
    data = step(data);
  }
  return data;
}
