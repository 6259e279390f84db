import type { MigrationInterface, QueryRunner } from 'typeorm';
import { ROOM, timersIndex } from './tables.ts';

/**
 * Brings the state tables of a database from before decision 22 to what `createStateTable` creates now; those
 * that are need nothing. A replica of before fails at its next statement, and waits with its partitions until it
 * is replaced: what it wrote would be looked at by nobody.
 */
export class LooksOfTimers1764300000000 implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    for (const table of await tablesWith('wake_at', runner)) {
      await runner.query(`
        alter table ${table} rename column wake_at to due_at;
        alter table ${table} add column look_at bigint, set (${ROOM});
        update ${table} set look_at = due_at where due_at is not null;
        drop index ${table}_timers;
        ${timersIndex(table)};
      `);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    for (const table of await tablesWith('look_at', runner)) {
      await runner.query(`
        alter table ${table} rename column due_at to wake_at;
        alter table ${table} drop column look_at, reset (fillfactor);
        create index ${table}_timers on ${table} (partition, wake_at, key) where wake_at is not null;
      `);
    }
  }
}

async function tablesWith(column: string, runner: QueryRunner): Promise<string[]> {
  const rows: { name: string }[] = await runner.query(
    `select table_name as name from information_schema.columns
     where table_schema = current_schema() and column_name = $1`,
    [column],
  );
  return rows.map(({ name }) => name);
}
