import { mayWrite } from '#contracts/contract';
import type { z } from 'zod';
import type { EventOf, EventType, LogEvent, NewEvent, Topic } from '#contracts/contract';
import { refuseUndeclaredTimers } from './declared.ts';

/** What a fold answers. Nothing at all (`undefined`) means: this changes nothing. */
export interface Decision<S> {
  /** The new state; null forgets the key and its timer; left out, the state stays. */
  state?: S | null;
  /** Events to append, in this order. */
  append?: readonly NewEvent[];
  /** Log time (ms) at which to be woken; null cancels; left out, the timer stays. */
  wakeAt?: number | null;
}

/** SQL types a view may project its state into. */
export type ColumnType = 'text' | 'bigint' | 'boolean';

/**
 * A keyed, pure fold over one topic, declared as a value. No clock, no I/O, no random: the same
 * history gives the same states and outputs, whatever the batches, replicas and crashes.
 */
export interface Processor<S = any, H = any> {
  /** The consumer group, `service.what`. It is data: renaming it reads the topic again. */
  readonly name: string;
  /** The service that runs it, the part of the name before the dot. */
  readonly service: string;
  /** Goes up when the same history shall give another result. */
  readonly version: number;
  readonly topic: Topic;
  readonly reads: ReadonlyMap<string, EventType>;
  readonly appends: ReadonlySet<EventType>;
  /** Zod codec of the state, which is kept as JSON text. */
  readonly state: z.ZodType<S>;
  readonly initial: S | null;
  readonly shared: z.ZodType<H> | null;
  /** State columns that SQL may search by, with how to get them. */
  readonly columns: Readonly<Record<string, { type: ColumnType; of(state: S): unknown }>>;
  /**
   * How long records may wait for others to come, ms; undefined: hardly at all. Fewer and fuller batches
   * cost this service, the broker and the database less of their time: for whom nobody waits at a page.
   */
  readonly lingerMs: number | undefined;
  on(state: S | null, event: LogEvent, shared: H | null): Decision<S> | void;
  wake(state: S, at: number, key: string, shared: H | null): Decision<S> | void;
  share(shared: H | null, event: LogEvent): H;
}

interface ProcessorOptions<S, I extends S | null, H, R extends EventType> {
  name: string;
  version?: number;
  reads: readonly R[];
  appends?: readonly EventType[];
  state: z.ZodType<S>;
  initial: I;
  shared?: z.ZodType<H>;
  columns?: Processor<S, H>['columns'];
  lingerMs?: number;
  on(state: S | I, event: EventOf<R>, shared: H | null): Decision<NoInfer<S>> | void;
  wake?(state: S, at: number, key: string, shared: H | null): Decision<NoInfer<S>> | void;
  share?(shared: H | null, event: EventOf<R>): H;
}

/**
 * Declares a processor. Throws, with a sentence, when it reads two topics, reads a table and
 * appends, reads a broadcast and shares nothing, or appends what its service may not write.
 */
export function processor<S, I extends S | null, R extends EventType, H = never>(
  options: ProcessorOptions<S, I, H, R>,
): Processor<S, H> {
  const { name, reads, appends = [] } = options;
  const [service] = name.split('.');
  const topics = [...new Set(reads.map((event) => event.topic))];
  const [topic] = topics;
  if (!topic || !service)
    throw new Error(`The processor ${name} reads no event; name at least one.`);
  if (topics.length > 1) {
    throw new Error(
      `The processor ${name} reads ${topics.map((t) => t.name).join(' and ')}: two topics have no ` +
        'order between them, so a rebuild would differ. Read one; join through an event on it.',
    );
  }
  if (topic.kind === 'table' && appends.length > 0) {
    throw new Error(
      `The processor ${name} reads the table ${topic.name} and appends: a compacted table does not ` +
        'keep the history its outputs came from. Read a stream, or append nothing.',
    );
  }
  const broadcast = reads.find((event) => event.broadcast);
  if (broadcast && !options.shared) {
    throw new Error(
      `The processor ${name} reads the broadcast ${broadcast.type} but shares nothing: ` +
        'declare "shared" and "share", or do not read it.',
    );
  }
  refuseForeignWriter(name, service, appends);
  if (options.wake) refuseUndeclaredTimers(`The processor ${name}`, service, topic);
  return {
    name,
    service,
    topic,
    version: options.version ?? 1,
    reads: new Map(reads.map((event) => [event.type, event])),
    appends: new Set(appends),
    state: options.state,
    initial: options.initial,
    shared: options.shared ?? null,
    columns: options.columns ?? {},
    lingerMs: options.lingerMs,
    on: options.on as Processor<S, H>['on'],
    wake: options.wake ?? (() => undefined),
    share: (options.share as Processor<S, H>['share']) ?? ((shared) => shared as H),
  };
}

/** Throws, with a sentence, when `service` is not a declared writer of one of the events. */
export function refuseForeignWriter(
  who: string,
  service: string,
  events: Iterable<EventType>,
): void {
  for (const event of events) {
    if (mayWrite(event, service)) continue;
    const { type, writers } = event;
    throw new Error(
      `${who} appends ${type}, which only ${writers.join(' and ')} may write. ` +
        `Name ${service} as its writer in the contract, or append another event.`,
    );
  }
}
