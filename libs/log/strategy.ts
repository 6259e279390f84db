import { Catch } from '@nestjs/common';
import type { ExceptionFilter } from '@nestjs/common';
import { Server } from '@nestjs/microservices';
import type { CustomTransportStrategy, MessageHandler } from '@nestjs/microservices';
import { isObservable, lastValueFrom, throwError } from 'rxjs';
import { Delivery } from './delivery.ts';
import { FollowReleases } from './follow.ts';
import type { Follower } from './follow.ts';
import type { Surroundings } from './delivery.ts';
import { HandlerWork } from './handler-work.ts';
import { LogHealth } from './log-health.ts';
import type { HandlerExtras, LogContext } from './on.ts';
import { forgetGroup } from './tables.ts';
import { ProcessorWork } from './processor-work.ts';
import { refuseForeignWriter } from './processor.ts';
import type { Processor } from './processor.ts';
import { withAdmin } from './kafka.ts';
import { refuseUndeclaredReads } from './declared.ts';
import { verifyTopics } from './topics.ts';
import { verifyPositions } from './verify-positions.ts';
import type { Watermarks } from './verify-positions.ts';
import type { Work } from './work.ts';

/**
 * Nest's transport for the log: the processors of a service and its `@On` / `@OnBatch` methods, each
 * consumer group with a delivery loop of its own. Listening fails, with a sentence, when a topic
 * differs from its contract, an event has another writer, or a position is not on this log.
 */
export class LogStrategy extends Server implements CustomTransportStrategy {
  /** A failed handler must fail its transaction. */
  override readonly propagatesEventHandlerErrors = true;
  private deliveries: Delivery[] = [];
  private followed: FollowReleases | undefined;

  constructor(
    private readonly processors: readonly Processor[],
    private readonly around: Surroundings | null,
    readonly health = new LogHealth({ ...around }),
  ) {
    super();
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(() => {
      this.tellHealth();
      callback();
    }, callback);
  }

  async close(): Promise<void> {
    await this.followed?.stop();
    await Promise.all(this.deliveries.map((delivery) => delivery.stop()));
    await this.around?.relay.stop();
    await this.around?.producer.close();
    await this.health.close();
  }

  on(): void {}

  unwrap<T>(): T {
    return this.deliveries as T;
  }

  private async start(): Promise<void> {
    const { around } = this;
    const isForeign = ({ topic: { release } }: Processor) =>
      release !== null && release.application !== around?.service;
    const works = [
      ...this.processors.filter((p) => !isForeign(p)).map((p) => this.workOf(p)),
      ...this.handlerWorks(),
    ];
    if (!around) {
      if (works.length === 0) return;
      throw new Error(`${works[0]!.group} reads the log, but its service has no database.`);
    }
    for (const { name, service, appends } of this.processors) {
      if (service !== around.service) {
        throw new Error(
          `The processor ${name} runs in ${around.service}; it belongs to ${service}.`,
        );
      }
      refuseForeignWriter(`The processor ${name}`, service, appends);
    }
    for (const { topics } of works) refuseUndeclaredReads(around.service, topics);
    around.groups = works.length;
    const watermarks = await this.verify(works, around);
    await around.producer.connect();
    around.relay.start();
    this.deliveries = works.map((work) => new Delivery(work, around, watermarks));
    await Promise.all(this.deliveries.map((delivery) => delivery.start()));
    const followers = this.processors.filter(isForeign).map((p) => this.followerOf(p, around));
    this.followed = new FollowReleases(around.dataSource, followers, around.sink);
    await this.followed.start();
  }

  private workOf(processor: Processor): ProcessorWork {
    return new ProcessorWork(processor, this.processors.length);
  }

  /** What a processor over a topic of another service's release reads while that release runs. */
  private followerOf(processor: Processor, around: Surroundings): Follower {
    const open = async () => {
      const work = this.workOf(processor);
      refuseUndeclaredReads(around.service, work.topics);
      const delivery = new Delivery(work, around, await this.verify([work], around));
      await delivery.start();
      this.deliveries.push(delivery);
      this.tellHealth();
      return {
        close: () => this.letGo(delivery),
        forget: () => forgetGroup(around.dataSource, processor),
      };
    };
    return { release: processor.topic.release!, open };
  }

  private async letGo(delivery: Delivery): Promise<void> {
    this.deliveries = this.deliveries.filter((each) => each !== delivery);
    this.tellHealth();
    await delivery.stop();
  }

  private tellHealth(): void {
    this.health.started(this.deliveries.map(({ health }) => health));
  }

  private verify(works: readonly Work[], around: Surroundings): Promise<Watermarks> {
    return withAdmin(around.client, async (admin) => {
      const { clusterId } = await admin.describeCluster();
      around.cluster = clusterId;
      await verifyTopics(admin, [...new Set(works.flatMap((work) => work.topics))]);
      return verifyPositions(admin, works, around);
    });
  }

  private handlerWorks(): HandlerWork[] {
    const byGroup = new Map<string, HandlerWork>();
    const topicsOf = new Map<string, Set<HandlerWork['topics'][number]>>();
    const handlers = [...this.messageHandlers.values()].map((handler) => ({
      handler,
      extras: handler.extras as HandlerExtras,
    }));
    for (const { extras } of handlers) {
      const topics = topicsOf.get(extras.group) ?? new Set();
      topicsOf.set(extras.group, topics);
      for (const topic of 'event' in extras ? [extras.event.topic] : extras.topics)
        topics.add(topic);
    }
    for (const { handler, extras } of handlers) {
      const { group } = extras;
      const work =
        byGroup.get(group) ??
        new HandlerWork(group, this.around?.service ?? '', [...topicsOf.get(group)!]);
      byGroup.set(group, work);
      work.add('event' in extras ? extras.event : null, (input, context) =>
        call(handler, input, context),
      );
    }
    return [...byGroup.values()];
  }
}

function call(handler: MessageHandler, input: unknown, context: LogContext): Promise<unknown> {
  return handler(input, context).then(lastOf);
}

function lastOf(result: unknown): unknown {
  return isObservable(result) ? lastValueFrom(result, { defaultValue: undefined }) : result;
}

/** Hands a handler's error on as it is: Nest would replace it by "Internal server error". */
@Catch()
export class RethrowFilter implements ExceptionFilter {
  catch(error: unknown) {
    return throwError(() => error);
  }
}
