import { setTimeout as pause } from 'node:timers/promises';
import { Logger, Module } from '@nestjs/common';
import type { BeforeApplicationShutdown, DynamicModule, Provider } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import type { Kafka } from 'kafkajs';
import pLimit from 'p-limit';
import { DataSource } from 'typeorm';
import { CONFIG } from '#service/config';
import type { ServiceConfig } from '#service/config';
import { BATCH_CONNECTIONS, dataSourceOptions } from './database.ts';
import type { ServiceDatabase } from './database.ts';
import { checkLogin, connectKafka } from './kafka.ts';
import type { Processor } from './processor.ts';
import { Producer } from './producer.ts';
import { Relay } from './relay.ts';
import { LogHealth } from './log-health.ts';
import type { LogSink } from './log-sink.ts';
import { refuseUndeclaredReads } from './declared.ts';
import { securityOf } from './security.ts';
import { LogStrategy } from './strategy.ts';
import { tail } from './tail.ts';
import type { From, Tail, Tailed, WatchOptions } from './tail.ts';
import { Transactions } from './transactions.ts';
import { Trouble } from './trouble.ts';
import { Views } from './views.ts';
import { LogWriter } from './writer.ts';
import type { Topic } from '#contracts/contract';

/** Injection token of the kafkajs client; only this library uses it. */
const KAFKA = Symbol('KAFKA');

const WATCH_AGAIN_MS = 1000;

export interface LogOptions {
  service: string;
  database?: ServiceDatabase;
  processors?: readonly Processor[];
  /** Its doors work on its own database: while the log is away it stays ready, and says so. */
  answersWithoutLog?: boolean;
}

/** Watching the log from inside a service, for live channels. */
export class LogTail implements BeforeApplicationShutdown {
  private stopping = false;

  constructor(
    private readonly client: Kafka,
    private readonly service: string,
    private readonly sink: LogSink,
  ) {}

  /**
   * See `tail` in libs/log/tail.ts, which gives up on a log that does not answer; this asks again until
   * the service stops, and then resolves without watching. Rejects when the manifest does not say that we
   * read these topics.
   */
  async watch(
    topics: readonly Topic[],
    from: From,
    onRecord: (tailed: Tailed) => void | Promise<void>,
    options?: WatchOptions,
  ): Promise<Tail> {
    refuseUndeclaredReads(this.service, topics);
    const words = { fails: 'The log cannot be watched yet', works: 'The log is watched' };
    const trouble = new Trouble(this.sink, words, { topics: topics.map(({ name }) => name) });
    while (!this.stopping) {
      try {
        const watching = await tail(this.client, topics, from, onRecord, options);
        trouble.passed();
        return watching;
      } catch (error) {
        trouble.failed(error as Error);
        await pause(WATCH_AGAIN_MS);
      }
    }
    return { close: async () => undefined };
  }

  beforeApplicationShutdown(): void {
    this.stopping = true;
  }
}

/**
 * Connects a service to the log. Provides {@link LogWriter} and {@link LogTail}; with a database also
 * {@link Transactions}, {@link Views} and TypeORM's DataSource.
 */
@Module({})
export class LogModule {
  static forService(options: LogOptions): DynamicModule {
    const { service, database } = options;
    return {
      module: LogModule,
      global: true,
      imports: database ? [databaseModule(database)] : [],
      providers: [
        ...watchers(service),
        ...(database ? writers(options) : [withoutDatabase(options)]),
      ],
      exports: [LogWriter, LogTail, LogStrategy, ...(database ? [Transactions, Views] : [])],
    };
  }
}

function databaseModule(database: ServiceDatabase): DynamicModule {
  return TypeOrmModule.forRootAsync({
    inject: [CONFIG],
    useFactory: ({ DATABASE_URL }: ServiceConfig) => {
      if (!DATABASE_URL)
        throw new Error('DATABASE_URL is missing: set it to this service’s database.');
      return { ...dataSourceOptions(DATABASE_URL, database), retryAttempts: 3, retryDelay: 500 };
    },
  });
}

function watchers(service: string): Provider[] {
  const sink = new Logger('log');
  return [
    {
      provide: KAFKA,
      inject: [CONFIG],
      useFactory: async (config: ServiceConfig) => {
        const security = securityOf(config);
        const client = connectKafka(config.KAFKA_BROKERS, service, sink, security);
        if (security.login) await checkLogin(client, security);
        return client;
      },
    },
    {
      provide: LogWriter,
      inject: [KAFKA],
      useFactory: (client: Kafka) => new LogWriter(client, service),
    },
    {
      provide: LogTail,
      inject: [KAFKA],
      useFactory: (client: Kafka) => new LogTail(client, service, sink),
    },
  ];
}

function writers({ service, processors = [], answersWithoutLog }: LogOptions): Provider[] {
  const sink = new Logger('log');
  return [
    {
      provide: Producer,
      inject: [KAFKA],
      useFactory: (client: Kafka) => new Producer(client),
    },
    {
      provide: Relay,
      inject: [DataSource, Producer],
      useFactory: (source: DataSource, producer: Producer) => new Relay(source, producer, sink),
    },
    {
      provide: Transactions,
      inject: [DataSource, Relay],
      useFactory: (source: DataSource, relay: Relay) => new Transactions(service, source, relay),
    },
    { provide: Views, inject: [DataSource], useFactory: (source: DataSource) => new Views(source) },
    {
      provide: LogStrategy,
      inject: [KAFKA, DataSource, Producer, Relay, Views],
      useFactory: (
        client: Kafka,
        dataSource: DataSource,
        producer: Producer,
        relay: Relay,
        views: Views,
      ) => {
        const inTurn = pLimit(BATCH_CONNECTIONS);
        const its = { client, dataSource, relay, producer, views, sink, service, inTurn };
        const around = { ...its, cluster: '', groups: 1 };
        return new LogStrategy(processors, around, new LogHealth({ ...around, answersWithoutLog }));
      },
    },
  ];
}

function withoutDatabase({ service, processors = [] }: LogOptions): Provider {
  if (processors.length > 0) throw new Error(`${service} has processors, so it needs a database.`);
  return {
    provide: LogStrategy,
    inject: [KAFKA],
    useFactory: (client: Kafka) => new LogStrategy([], null, new LogHealth({ client })),
  };
}
