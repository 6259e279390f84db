import type { EntityManager } from 'typeorm';
import type { IncomingRecord } from './envelope.ts';
import { typeOf } from './envelope.ts';
import type { Outcome } from './fold.ts';
import type { StateRow } from './state-row.ts';
import type { KeptStates } from './kept-states.ts';
import { PgArray } from './pg-array.ts';
import type { Processor } from './processor.ts';
import { stateTable } from './tables.ts';
import type { Timer } from './timers.ts';
import { together } from './together.ts';

/** Timers looked at in one transaction; more are spread over the following ones. */
const MAX_TIMERS = 1000;

/** What is read for a batch. */
interface Loaded {
  rows: Map<string, StateRow>;
  /** The last of the timers in `rows` when not all that are due were read. */
  horizon: Timer | null;
}

interface StoredRow {
  key: string;
  state: string | null;
  due_at: string | null;
  look_at: string | null;
  hits: string | null;
  cause: string | null;
}

/** What a batch of one partition needs of the states before it can be folded. */
export interface Needs {
  partition: number;
  records: readonly IncomingRecord[];
  kept: KeptStates;
  /** Log time at the end of the batch, ms. */
  time: number;
  /** Is anybody to be woken until then? */
  timersDue: boolean;
}

/** The keyed states of one processor, as PostgreSQL keeps them. */
export class States {
  private readonly table: string;
  private readonly upsert: string;
  private readonly columns: [string, Processor['columns'][string]][];

  constructor(private readonly processor: Processor) {
    this.table = stateTable(processor);
    this.columns = Object.entries(processor.columns);
    this.upsert = upsertStatement(
      this.table,
      this.columns.map(([name, { type }]) => [name, type]),
    );
  }

  /** For each: the rows of its keys that are not kept, and of its timers that are due. Two queries at once. */
  async load(tx: EntityManager, all: readonly Needs[]): Promise<Loaded[]> {
    const loaded = all.map((): Loaded => ({ rows: new Map(), horizon: null }));
    const keys = all.map(({ records, kept }) => this.keysOf(records, kept));
    const [found, due] = await Promise.all([
      this.byKey(tx, new Set(keys.flatMap((its) => [...its]))),
      this.due(
        tx,
        all.filter(({ timersDue }) => timersDue),
      ),
    ]);
    for (const row of found) {
      for (const [i, its] of keys.entries()) {
        if (its.has(row.key)) loaded[i]!.rows.set(row.key, toStateRow(row));
      }
    }
    for (const [i, { partition }] of all.entries()) {
      const rows = due.filter((row) => row.partition === partition);
      for (const row of rows) loaded[i]!.rows.set(row.key, toStateRow(row));
      const last = rows.length === MAX_TIMERS ? rows.at(-1)! : null;
      loaded[i]!.horizon = last && { at: Number(last.look_at), key: last.key };
    }
    return loaded;
  }

  /**
   * Writes the changed rows back: one statement for those that are, one for those that go. Both are
   * asked for before it returns.
   */
  async save(
    tx: EntityManager,
    all: readonly { partition: number; rows: Outcome['rows'] }[],
  ): Promise<void> {
    const changed: { key: string; partition: number; row: StateRow; state: unknown }[] = [];
    const forgotten: string[] = [];
    for (const { partition, rows } of all) {
      for (const [key, saved] of rows) {
        if (saved) changed.push({ key, partition, row: saved.row, state: saved.kept.state });
        else forgotten.push(key);
      }
    }
    const writes: Promise<unknown>[] = [];
    if (changed.length > 0) {
      const projected = this.columns.map(([, { of }]) =>
        changed.map(({ state }) => (state === null ? null : of(state))),
      );
      const columns = [
        PgArray.text(changed.map(({ key }) => key)),
        PgArray.int(changed.map(({ partition }) => partition)),
        PgArray.text(changed.map(({ row }) => row.state)),
        PgArray.bigint(changed.map(({ row }) => row.wakeAt)),
        PgArray.bigint(changed.map(({ row }) => row.lookAt)),
        PgArray.text(changed.map(({ row }) => row.hits)),
        PgArray.text(changed.map(({ row }) => row.cause)),
        ...projected,
      ];
      writes.push(tx.query(this.upsert, columns));
    }
    if (forgotten.length > 0) {
      const statement = `delete from ${this.table} where key = any($1::text[])`;
      writes.push(tx.query(statement, [PgArray.text(forgotten)]));
    }
    await together(writes);
  }

  /** When the first timer of each of these partitions is looked at, ms; null when nobody waits. */
  async nextTimers(
    tx: EntityManager,
    partitions: readonly number[],
  ): Promise<Map<number, number | null>> {
    if (partitions.length === 0) return new Map();
    const rows: { partition: number; look_at: string | null }[] = await tx.query(
      `select partition, (select look_at from ${this.table} s
         where s.partition = p.partition and look_at is not null order by look_at limit 1) as look_at
       from unnest($1::int[]) as p(partition)`,
      [PgArray.int(partitions)],
    );
    return new Map(rows.map(({ partition, look_at }) => [partition, msOf(look_at)]));
  }

  /**
   * When the first timer of a partition is due, ms: exactly, if that is until `now`, and otherwise no later
   * than that; null when nobody waits.
   */
  async nextDue(tx: EntityManager, partition: number, now: number): Promise<number | null> {
    const [row]: { at: string | null }[] = await tx.query(
      `select least(
         (select min(due_at) from ${this.table} where partition = $1 and look_at <= $2),
         (select look_at from ${this.table} where partition = $1 and look_at > $2
          order by look_at limit 1)) as at`,
      [partition, now],
    );
    return msOf(row!.at);
  }

  private async byKey(tx: EntityManager, keys: ReadonlySet<string>): Promise<StoredRow[]> {
    if (keys.size === 0) return [];
    return tx.query(
      `select key, state, due_at, look_at, hits, cause from ${this.table} where key = any($1::text[])`,
      [PgArray.text([...keys])],
    );
  }

  /** The rows of the timers to be looked at, of each partition the first first. */
  private async due(
    tx: EntityManager,
    all: readonly Needs[],
  ): Promise<(StoredRow & { partition: number })[]> {
    if (all.length === 0) return [];
    return tx.query(
      `select due.* from unnest($1::int[], $2::bigint[]) as p(partition, time), lateral (
         select partition, key, state, due_at, look_at, hits, cause from ${this.table} s
         where s.partition = p.partition and look_at <= p.time
         order by look_at, key limit ${MAX_TIMERS}) as due
       order by due.look_at, due.key`,
      [
        PgArray.int(all.map(({ partition }) => partition)),
        PgArray.bigint(all.map(({ time }) => time)),
      ],
    );
  }

  /** Keys whose rows are to be read. */
  private keysOf(records: readonly IncomingRecord[], kept: KeptStates): Set<string> {
    const keys = new Set<string>();
    for (const record of records) {
      if (record.key === null) continue;
      const key = record.key.toString();
      if (kept.has(key) || keys.has(key) || key.includes('\u0000')) continue;
      const type = typeOf(record);
      if (type !== undefined && this.processor.reads.has(type)) keys.add(key);
    }
    return keys;
  }
}

function toStateRow({ state, due_at, look_at, hits, cause }: StoredRow): StateRow {
  return { state, wakeAt: msOf(due_at), lookAt: msOf(look_at), hits, cause };
}

const msOf = (bigint: string | null) => (bigint === null ? null : Number(bigint));

function upsertStatement(table: string, columns: [name: string, type: string][]): string {
  const all: [string, string][] = [
    ['key', 'text'],
    ['partition', 'int'],
    ['state', 'text'],
    ['due_at', 'bigint'],
    ['look_at', 'bigint'],
    ['hits', 'text'],
    ['cause', 'text'],
    ...columns,
  ];
  const names = all.map(([name]) => name);
  const arrays = all.map(([, type], i) => `$${i + 1}::${type}[]`);
  const updates = names.slice(1).map((name) => `${name} = excluded.${name}`);
  return `insert into ${table} (${names.join(', ')}) select * from unnest(${arrays.join(', ')})
    on conflict (key) do update set ${updates.join(', ')}`;
}
