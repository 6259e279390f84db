import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import type { EntityManager } from 'typeorm';
import type { EventType, NewEvent, Topic } from '#contracts/contract';

/** What a handler method gets beside its event: the transaction that moves the position. */
export interface LogContext {
  /** TypeORM's manager in this transaction. */
  readonly tx: EntityManager;
  /** Appends in this transaction; published after its commit. */
  append(...events: NewEvent[]): void;
}

/**
 * Throw it from an `@On` method: the record itself is at fault and goes to the bad track; what the
 * method wrote and appended for it is undone. The rest of its batch is undone too and handed over
 * again, so do nothing but through the transaction. Any other error, and every error of an `@OnBatch`
 * method, is tried again.
 */
export class RecordRefusedError extends Error {}

/** How a decorated method tells the strategy what it wants. */
export type HandlerExtras =
  | { group: string; event: EventType }
  | { group: string; topics: readonly Topic[] };

/**
 * One event at a time, with the transaction, where a fold will not do. `group` is the consumer
 * group: data, as renaming it reads the topic again. Numbered hits may come twice here; a processor
 * drops them.
 * @example \@On('shop.mailings', OrderConfirmed) async mail(event: EventOf<typeof OrderConfirmed>, log: LogContext)
 */
export function On(group: string, event: EventType): MethodDecorator {
  const extras: HandlerExtras = { group, event };
  return handles(`${group} ${event.topic.name} ${event.type}`, extras);
}

/** A whole batch of one partition with the transaction, for sinks: `(events, log)`. */
export function OnBatch(group: string, topics: readonly Topic[]): MethodDecorator {
  const extras: HandlerExtras = { group, topics };
  return handles(`${group} *`, extras);
}

/** Nest gives a method without parameter decorators the event alone: name both, for all of them. */
function handles(pattern: string, extras: HandlerExtras): MethodDecorator {
  return (target, name, descriptor) => {
    Payload()(target, name, 0);
    Ctx()(target, name, 1);
    return EventPattern(pattern, extras)(target, name as string, descriptor as never);
  };
}
