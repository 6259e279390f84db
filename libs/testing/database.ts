import { DataSource } from 'typeorm';
import type { MigrationInterface, QueryRunner } from 'typeorm';
import { dataSourceOptions, migrate } from '#log/database';
import type { Processor } from '#log/processor';
import { createLogTables, createStateTable } from '#log/tables';

/** A new database with the tables of these processors. `adminUrl` is of who may create one. */
export async function createDatabase(
  adminUrl: string,
  name: string,
  processors: readonly Processor[],
): Promise<DataSource> {
  const admin = await new DataSource({ type: 'postgres', url: adminUrl }).initialize();
  await admin.query(`create database ${name}`);
  await admin.destroy();
  const url = new URL(adminUrl);
  url.pathname = `/${name}`;
  class Initial1 implements MigrationInterface {
    name = 'Initial1764000000000';
    async up(runner: QueryRunner) {
      await createLogTables(runner);
      for (const processor of processors) await createStateTable(runner, processor);
    }
    async down() {}
  }
  const database = { name, entities: [], migrations: [Initial1] };
  await migrate(url.href, database);
  return new DataSource(dataSourceOptions(url.href, database)).initialize();
}
