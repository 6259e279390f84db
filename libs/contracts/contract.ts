import { z } from 'zod';
import { parse } from './parse.ts';
import type { ReleaseTag } from './releases.ts';

/**
 * A contract is a value. A topic is declared with {@link stream} or {@link table}; an event is
 * declared on its topic, once, and that declaration is its constructor, validator, JSON Schema,
 * documentation and list of writers.
 */

/** An event that is about to be appended: validated, not yet on the log. */
export interface NewEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly version: number;
  readonly topic: string;
  /** The record key; null for a broadcast and for topics without a key. */
  readonly key: string | null;
  readonly data: D;
}

/** An event as it is read from the log. */
export interface LogEvent<T extends string = string, D = unknown> {
  readonly type: T;
  readonly data: D;
  /** The record key; null for a broadcast. */
  readonly key: string | null;
  /** CloudEvents id, unique on the log. */
  readonly id: string;
  /** The service that appended it. */
  readonly source: string;
  /** Log time of its partition, milliseconds since 1970; never runs backwards. */
  readonly time: number;
  /** The id of the event the whole story began with. */
  readonly correlationId: string;
  /** W3C trace context, when there is one. */
  readonly traceparent?: string;
}

type Shape = z.ZodRawShape;

/** What one call of `topic.event(…)` declares. */
export interface EventType<T extends string = string, S extends Shape = any> {
  /** Makes an event ready to append. Throws {@link InvalidEvent}, which names the field. */
  (data: z.input<z.ZodObject<S>>): NewEvent<T, z.output<z.ZodObject<S>>>;
  readonly type: T;
  readonly doc: string;
  readonly version: number;
  readonly topic: Topic;
  readonly schema: z.ZodObject<S>;
  /** The services that may append it; `*` is every service. */
  readonly writers: readonly string[];
  /** Goes to every partition of its stream and concerns every key there. */
  readonly broadcast: boolean;
  /** Carries `tab` and `hit`: a browser tab numbers it and resends it until answered. */
  readonly numbered: boolean;
  /** Older versions to this one: `upcasts[1]` turns data of version 1 into version 2. */
  readonly upcasts: Readonly<Record<number, (old: any) => unknown>>;
}

/** The event of a declaration, as a handler receives it. */
export type EventOf<E extends EventType> =
  E extends EventType<infer T, infer S> ? LogEvent<T, z.output<z.ZodObject<S>>> : never;

/** The data of a declaration. */
export type DataOf<E extends EventType> = z.output<E['schema']>;

interface EventOptions {
  writer: string | readonly string[];
  version?: number;
  broadcast?: boolean;
  numbered?: boolean;
  upcasts?: Record<number, (old: any) => unknown>;
}

/** A topic: the history of one kind of thing, under the key of that thing. */
export interface Topic {
  readonly name: string;
  /** `stream` keeps everything; `table` is compacted to the last event of each key. */
  readonly kind: 'stream' | 'table';
  /** The data field that is the record key; null where records have none. */
  readonly keyField: string | null;
  readonly events: ReadonlyMap<string, EventType>;
  /** What the broker has to keep to. */
  readonly settings: TopicSettings;
  /** The services that append TimePassed today. Its writers are all: who had timers once, stays. */
  readonly timers: readonly string[];
  /** The release it belongs to, with which it comes and goes; null: it is there for good. */
  readonly release: ReleaseTag | null;
  event<T extends string, S extends Shape>(
    type: T,
    doc: string,
    options: EventOptions,
    shape: S,
  ): EventType<T, S>;
}

/** Settings of a topic, as the broker is to have them. */
export interface TopicSettings {
  readonly cleanup: 'delete' | 'compact';
  /** How long a record is kept; -1 is for ever. A table keeps the last of each key for ever. */
  readonly retentionMs: number;
  /** Whose clock a record's time is: the broker's, which is log time, or the writer's. */
  readonly timestamps: 'LogAppendTime' | 'CreateTime';
  /** Copies of each partition, where there are as many brokers. */
  readonly replicas: number;
  /** Copies that must have a record before it is acknowledged; at most those there are. */
  readonly minInsyncReplicas: number;
}

interface TopicOptions {
  settings?: Partial<TopicSettings>;
  release?: ReleaseTag;
}

interface StreamOptions extends TopicOptions {
  /** The data field that becomes the record key; null for none. */
  key: string | null;
  /** The services whose processors wait for moments on this stream. */
  timers?: readonly string[];
}

/** Data that does not fit its contract. The message names the field and what is expected. */
export class InvalidEvent extends Error {
  constructor(
    readonly type: string,
    readonly issues: readonly { field: string; message: string }[],
  ) {
    super(`${type}: ${issues.map((i) => `${i.field}: ${i.message}`).join('; ')}`);
    this.name = 'InvalidEvent';
  }
}

/** Number of partitions of every topic, for the life of a log: keys stay where they are. */
export const PARTITIONS = 6;

const registry = new Map<string, Topic>();

/** Every topic whose file has been imported, by name. */
export function topics(): ReadonlyMap<string, Topic> {
  return registry;
}

/**
 * Declares a stream topic.
 * @example export const visitors = stream('visitors', { key: 'visitorId', timers: ['feedback'] });
 */
export function stream(name: string, options: StreamOptions): Topic {
  const { key } = options;
  const declared = topic(name, 'stream', key, 'delete', options);
  if (key !== null) {
    const doc = 'Log time moved on; whoever waits for a moment may act.';
    declared.event(TIME_PASSED, doc, { writer: '*', broadcast: true }, {});
  }
  return declared;
}

/** Declares a table topic: each event carries the whole current value of its key. */
export function table(name: string, options: TopicOptions & { key: string }): Topic {
  return topic(name, 'table', options.key, 'compact', options);
}

/**
 * Where a release appends while it is not in force what it would append to `original`, so that nobody
 * acts on it: `visitors.feedback-v2`.
 * @param events Those of them that it appends.
 */
export function shadow(original: Topic, release: ReleaseTag, events: readonly EventType[]): Topic {
  const name = shadowName(original.name, release);
  const declared = stream(name, { key: original.keyField, release });
  for (const { type, doc, writers, version, upcasts, schema } of events) {
    declared.event(type, doc, { writer: writers, version, upcasts }, schema.shape);
  }
  return declared;
}

/** The name of the shadow of a topic. */
export function shadowName(topicName: string, { application, release }: ReleaseTag): string {
  return `${topicName}.${application}-${release}`;
}

/** What goes for every topic that does not say otherwise. */
const common = {
  retentionMs: -1,
  timestamps: 'LogAppendTime',
  replicas: 3,
  minInsyncReplicas: 2,
} as const;

const TIME_PASSED = 'TimePassed';

function topic(
  name: string,
  kind: Topic['kind'],
  keyField: string | null,
  cleanup: TopicSettings['cleanup'],
  options: TopicOptions & Pick<StreamOptions, 'timers'>,
): Topic {
  if (registry.has(name)) throw new Error(`The topic ${name} is declared twice.`);
  const events = new Map<string, EventType>();
  const declared: Topic = {
    name,
    kind,
    keyField,
    events,
    settings: { ...common, cleanup, ...options.settings },
    timers: options.timers ?? [],
    release: options.release ?? null,
    event(type, doc, options, shape) {
      if (events.has(type)) throw new Error(`${name} declares ${type} twice.`);
      const made = eventType(declared, type, doc, options, z.object(shape));
      events.set(type, made);
      return made;
    },
  };
  registry.set(name, declared);
  return declared;
}

function eventType<T extends string, S extends Shape>(
  topic: Topic,
  type: T,
  doc: string,
  options: EventOptions,
  schema: z.ZodObject<S>,
): EventType<T, S> {
  const { broadcast = false, numbered = false, version = 1, upcasts = {} } = options;
  const { keyField } = topic;
  const make = (data: z.input<z.ZodObject<S>>): NewEvent<T, z.output<z.ZodObject<S>>> => {
    const checked = check(type, schema, data);
    const key = broadcast || keyField === null ? null : String((checked as any)[keyField]);
    return { type, version, topic: topic.name, key, data: checked };
  };
  const writers = typeof options.writer === 'string' ? [options.writer] : options.writer;
  return Object.assign(make, {
    type,
    doc,
    version,
    topic,
    schema,
    writers,
    broadcast,
    numbered,
    upcasts,
  });
}

/** Validates data against a contract. Throws {@link InvalidEvent}. */
export function check<S extends Shape>(
  type: string,
  schema: z.ZodObject<S>,
  data: unknown,
): z.output<z.ZodObject<S>> {
  try {
    return parse(schema, data);
  } catch (error) {
    throw error instanceof z.ZodError ? new InvalidEvent(type, issuesOf(error)) : error;
  }
}

/** A zod error as field and sentence, without the refused value. */
export function issuesOf(error: z.ZodError): { field: string; message: string }[] {
  return error.issues.map((issue) => ({
    field: issue.path.length > 0 ? issue.path.join('.') : '(body)',
    message: issue.message,
  }));
}

/** May `service` append this event? */
export function mayWrite(event: EventType, service: string): boolean {
  return event.writers.includes('*') || event.writers.includes(service);
}

/** Who appends this event as things are today; `*` is every service. */
export function appendersOf({ type, topic, writers }: EventType): readonly string[] {
  return type === TIME_PASSED ? topic.timers : writers;
}

/** The declaration behind a new or logged event; undefined when this reader knows no such type. */
export function eventTypeOf(topicName: string, type: string): EventType | undefined {
  return registry.get(topicName)?.events.get(type);
}

/** As {@link eventTypeOf}, for an event that is to be appended. Throws when it is not declared. */
export function declarationOf(event: NewEvent): EventType {
  const declared = eventTypeOf(event.topic, event.type);
  if (declared) return declared;
  throw new Error(`${event.type} is not declared on ${event.topic}.`);
}

/** The partitions of a topic, 0 to n-1: where a broadcast goes. */
export const allPartitions: readonly number[] = [...Array(PARTITIONS).keys()];
