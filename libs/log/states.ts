import type { EntityManager } from 'typeorm';
import type { IncomingRecord } from './envelope.ts';
import { typeOf } from './envelope.ts';
import type { Outcome, StateRow } from './fold.ts';
import type { KeptStates } from './kept-states.ts';
import { PgArray } from './pg-array.ts';
import type { Processor } from './processor.ts';
import { stateTable } from './tables.ts';
import type { Timer } from './timers.ts';

/** Timers woken in one transaction; more are spread over the following ones. */
const MAX_TIMERS = 1000;

interface StoredRow {
  key: string;
  state: string | null;
  wake_at: string | null;
  hits: string | null;
  cause: string | null;
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

  /** The rows of the keys that are not kept and of the timers due at `time`, in one query each. */
  async load(
    tx: EntityManager,
    at: { partition: number; time: number; timersDue: boolean },
    records: readonly IncomingRecord[],
    kept: KeptStates,
  ): Promise<{ rows: Map<string, StateRow>; horizon: Timer | null }> {
    const rows = new Map<string, StateRow>();
    const keys = this.keysOf(records, kept);
    if (keys.length > 0) {
      const found: StoredRow[] = await tx.query(
        `select key, state, wake_at, hits, cause from ${this.table} where key = any($1::text[])`,
        [PgArray.text(keys)],
      );
      for (const row of found) rows.set(row.key, toStateRow(row));
    }
    if (!at.timersDue) return { rows, horizon: null };
    const due: StoredRow[] = await tx.query(
      `select key, state, wake_at, hits, cause from ${this.table}
       where partition = $1 and wake_at <= $2 order by wake_at, key limit ${MAX_TIMERS}`,
      [at.partition, at.time],
    );
    for (const row of due) rows.set(row.key, toStateRow(row));
    const last = due.length === MAX_TIMERS ? due.at(-1)! : null;
    return { rows, horizon: last && { at: Number(last.wake_at), key: last.key } };
  }

  /** Writes the changed rows back: one statement for those that are, one for those that go. */
  async save(tx: EntityManager, partition: number, rows: Outcome['rows']): Promise<void> {
    const changed: { key: string; row: StateRow; state: unknown }[] = [];
    const forgotten: string[] = [];
    for (const [key, saved] of rows) {
      if (saved) changed.push({ key, row: saved.row, state: saved.kept.state });
      else forgotten.push(key);
    }
    if (changed.length > 0) {
      const projected = this.columns.map(([, { of }]) =>
        changed.map(({ state }) => (state === null ? null : of(state))),
      );
      await tx.query(this.upsert, [
        PgArray.text(changed.map(({ key }) => key)),
        PgArray.int(changed.map(() => partition)),
        PgArray.text(changed.map(({ row }) => row.state)),
        PgArray.bigint(changed.map(({ row }) => row.wakeAt)),
        PgArray.text(changed.map(({ row }) => row.hits)),
        PgArray.text(changed.map(({ row }) => row.cause)),
        ...projected,
      ]);
    }
    if (forgotten.length > 0) {
      await tx.query(`delete from ${this.table} where key = any($1::text[])`, [
        PgArray.text(forgotten),
      ]);
    }
  }

  /** When the first timer of a partition is due, ms; null when nobody waits. */
  async nextTimer(tx: EntityManager, partition: number): Promise<number | null> {
    const [row] = await tx.query(
      `select wake_at from ${this.table} where partition = $1 and wake_at is not null
       order by wake_at limit 1`,
      [partition],
    );
    return row ? Number(row.wake_at) : null;
  }

  /** Keys whose rows are to be read. */
  private keysOf(records: readonly IncomingRecord[], kept: KeptStates): string[] {
    const keys = new Set<string>();
    for (const record of records) {
      if (record.key === null) continue;
      const key = record.key.toString();
      if (kept.has(key) || keys.has(key) || key.includes('\u0000')) continue;
      const type = typeOf(record);
      if (type !== undefined && this.processor.reads.has(type)) keys.add(key);
    }
    return [...keys];
  }
}

function toStateRow({ state, wake_at, hits, cause }: StoredRow): StateRow {
  return { state, wakeAt: wake_at === null ? null : Number(wake_at), hits, cause };
}

function upsertStatement(table: string, columns: [name: string, type: string][]): string {
  const all: [string, string][] = [
    ['key', 'text'],
    ['partition', 'int'],
    ['state', 'text'],
    ['wake_at', 'bigint'],
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
