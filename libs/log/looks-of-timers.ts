import type { MigrationInterface, QueryRunner } from 'typeorm';
import type { Processor } from './processor.ts';
import { ROOM, stateTable, timersIndex } from './tables.ts';

/**
 * The migration that brings state tables from before decision 22 to what `createStateTable` creates now; it
 * leaves alone those that are. A replica of before fails at its next statement, and waits with its
 * partitions until it is replaced: what it wrote would be looked at by nobody.
 */
export function looksOfTimers(...processors: Processor[]): new () => MigrationInterface {
  return class {
    name = 'LooksOfTimers1764300000000';

    async up(runner: QueryRunner): Promise<void> {
      for (const processor of processors) await giveLooks(runner, stateTable(processor));
    }

    async down(runner: QueryRunner): Promise<void> {
      for (const processor of processors) await takeLooks(runner, stateTable(processor));
    }
  };
}

async function giveLooks(runner: QueryRunner, table: string): Promise<void> {
  const [isThere] = await runner.query(
    `select 1 from pg_attribute where attrelid = '${table}'::regclass and attname = 'look_at'`,
  );
  if (isThere) return;
  await runner.query(`
    alter table ${table} rename column wake_at to due_at;
    alter table ${table} add column look_at bigint, set (${ROOM});
    update ${table} set look_at = due_at where due_at is not null;
    drop index ${table}_timers;
    ${timersIndex(table)};
  `);
}

async function takeLooks(runner: QueryRunner, table: string): Promise<void> {
  await runner.query(`
    alter table ${table} rename column due_at to wake_at;
    alter table ${table} drop column look_at, reset (fillfactor);
    create index ${table}_timers on ${table} (partition, wake_at, key) where wake_at is not null;
  `);
}
