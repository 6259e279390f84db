import { Module } from '@nestjs/common';
import type { INestApplication, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { DataSource } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOptions, migrate } from '#log/database';
import { LogModule } from '#log/log.module';
import type { Processor } from '#log/processor';
import { LogStrategy, RethrowFilter } from '#log/strategy';
import { createLogTables, createStateTable } from '#log/tables';
import { CONFIG } from '#service/config';

export interface Around {
  brokers: string[];
  databaseUrl: string;
}

class Initial1764000000000 implements MigrationInterface {
  up = (runner: QueryRunner) => createLogTables(runner);
  down = async () => undefined;
}
const database = { name: 'bench', entities: [], migrations: [Initial1764000000000] };

/** The log's own tables, once. */
export const prepareTables = ({ databaseUrl }: Around) => migrate(databaseUrl, database);

/** The table of a processor's states. */
export async function prepareStates(source: DataSource, processor: Processor): Promise<void> {
  const runner = source.createQueryRunner();
  try {
    await createStateTable(runner, processor);
  } finally {
    await runner.release();
  }
}

/** A connection of the bench's own. */
export const openDatabase = ({ databaseUrl }: Around) =>
  new DataSource(dataSourceOptions(databaseUrl, database)).initialize();

/** A service with the log's transport, as libs/service makes it, but without HTTP and reports. */
export async function startService(
  { brokers, databaseUrl }: Around,
  what: { processors?: readonly Processor[]; controllers?: Type[] },
): Promise<INestApplication> {
  const { processors = [], controllers = [] } = what;
  const service = processors[0]?.service ?? 'bench';
  const provided = { KAFKA_BROKERS: brokers, DATABASE_URL: databaseUrl };
  @Module({ providers: [{ provide: CONFIG, useValue: provided }], exports: [CONFIG] })
  class Config {}
  @Module({
    imports: [
      { module: Config, global: true },
      LogModule.forService({ service, database, processors }),
    ],
    controllers,
  })
  class Service {}
  const app = await NestFactory.create(Service, new FastifyAdapter(), { logger: false });
  const strategy = app.get(LogStrategy);
  app.connectMicroservice({ strategy }).useGlobalFilters(new RethrowFilter());
  await app.init();
  await app.startAllMicroservices();
  return app;
}
