import type { DataSource, QueryRunner } from 'typeorm';
import type { Processor } from './processor.ts';

/** The table that keeps a processor's states: `inventory.stock-level` → `inventory_stock_level`. */
export function stateTable(processor: Processor): string {
  return processor.name.replaceAll(/[.-]/g, '_');
}

/** Creates what the log library keeps in every service database. For a service's migration. */
export async function createLogTables(runner: QueryRunner): Promise<void> {
  await runner.query(`
    create table log_positions (
      group_name text, topic text, partition int, cluster text not null,
      next_offset bigint not null, next_index int not null, log_time bigint not null,
      shared text, epoch bigint not null,
      primary key (group_name, topic, partition));
    create table log_seen (
      group_name text, topic text, partition int, lane text,
      major bigint not null, minor int not null,
      primary key (group_name, topic, partition, lane));
    create table log_skips (
      group_name text, topic text, partition int, record_offset bigint, reason text not null,
      primary key (group_name, topic, partition, record_offset));
    create table log_lanes (
      lane text primary key, last_major bigint not null default 0,
      published_major bigint not null default -1, published_minor int not null default -1);
    create table log_outbox (
      lane text collate "C", major bigint, minor int,
      topic text not null, partition int not null, key text, type text not null,
      value text not null,
      primary key (lane, major, minor));
    create table log_incarnation (id uuid primary key default gen_random_uuid());
    insert into log_incarnation default values;
  `);
}

/** Undoes {@link createLogTables}. */
export async function dropLogTables(runner: QueryRunner): Promise<void> {
  await runner.query(
    'drop table log_positions, log_seen, log_skips, log_lanes, log_outbox, log_incarnation',
  );
}

/**
 * Creates the state table of a processor: states are JSON text, never jsonb, which re-orders
 * keys. Declared columns are projections that SQL may search by.
 */
export async function createStateTable(runner: QueryRunner, processor: Processor): Promise<void> {
  const table = stateTable(processor);
  const columns = Object.entries(processor.columns).map(([name, { type }]) => `, ${name} ${type}`);
  await runner.query(`
    create table ${table} (
      key text collate "C" primary key, partition int not null,
      state text, due_at bigint, look_at bigint, hits text, cause text${columns.join('')})
      with (${ROOM});
    ${timersIndex(table)};
  `);
}

/** Half of each page is for the next state of its rows: with that at hand no index has to be written. */
export const ROOM = 'fillfactor = 50';

/** By it the timers are found that are to be looked at. */
export function timersIndex(table: string): string {
  return `create index ${table}_timers on ${table} (partition, look_at, key) where look_at is not null`;
}

/** Undoes {@link createStateTable}. */
export async function dropStateTable(runner: QueryRunner, processor: Processor): Promise<void> {
  await runner.query(`drop table ${stateTable(processor)}`);
}

/** Empties a processor's states and forgets how far it came, as if it had never run. */
export async function forgetGroup(dataSource: DataSource, processor: Processor): Promise<void> {
  await dataSource.transaction(async (tx) => {
    for (const table of ['log_positions', 'log_seen', 'log_skips']) {
      await tx.query(`delete from ${table} where group_name = $1`, [processor.name]);
    }
    await tx.query(`delete from ${stateTable(processor)}`);
  });
}
