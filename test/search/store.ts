import { PgArray } from '#log/pg-array';
import { isLast } from '#log/pipelined';
import type { Simulation } from './simulation.ts';
import { statement } from './statements.ts';

export type Row = Record<string, any>;
type Table = Map<string, Row>;

/** One session's transaction: what it wrote is its own until the commit. */
interface Transaction {
  owner: string | null;
  writes: Map<string, Map<string, Row | null>>;
  locks: Set<string>;
  /** Set when the server ended it: its process was silent for too long. */
  aborted: boolean;
  committed: boolean;
  /** The statements that were asked for and are not answered: each begins when the one before is done. */
  asked: (() => void)[];
}

/** The statement has to wait for a row that another transaction holds. */
class Locked extends Error {
  constructor(readonly key: string) {
    super(key);
  }
}

/**
 * A PostgreSQL small enough to search with: the statements of the log library (statements.ts), read
 * committed, row locks, advisory locks, rollback.
 */
export class SimulatedStore {
  private readonly tables = new Map<string, Table>();
  private readonly locks = new Map<string, Transaction>();
  private waiting: { tx: Transaction; key: string; again: () => void }[] = [];
  private readonly open = new Set<Transaction>();
  /** So many of the next commits are done, and their answers lost. */
  commitsInDoubt = 0;

  constructor(private readonly sim: Simulation) {}

  /** What a process connects to, in the place of TypeORM's DataSource. */
  session() {
    const query = (sql: string, parameters: unknown[] = []) => this.once(sql, parameters);
    const transaction = <T>(work: (manager: object) => Promise<T>) => this.transaction(work);
    return { query, transaction, manager: { query } };
  }

  /** Rows that are committed. */
  rows(table: string): Row[] {
    return [...(this.tables.get(table)?.values() ?? [])];
  }

  /** Ends the open transactions of a process: it died, or was silent for too long. */
  abort(owner: string): void {
    for (const tx of [...this.open]) if (tx.owner === owner) this.rollback(tx);
  }

  private async transaction<T>(work: (manager: object) => Promise<T>): Promise<T> {
    const tx = this.begin();
    try {
      const result = await work({
        query: (sql: string, parameters: unknown[] = []) => this.query(tx, sql, parameters),
      });
      if (!tx.committed) await this.sim.order(() => this.finish(tx));
      return result;
    } catch (error) {
      this.rollback(tx);
      throw error;
    }
  }

  private async once(sql: string, parameters: unknown[]): Promise<Row[]> {
    const tx = this.begin();
    const rows = await this.query(tx, sql, parameters);
    this.commit(tx);
    return rows;
  }

  private begin(): Transaction {
    const tx = { owner: this.sim.current, writes: new Map(), locks: new Set<string>() };
    const begun = { ...tx, aborted: false, committed: false, asked: [] };
    this.open.add(begun);
    return begun;
  }

  private query(tx: Transaction, sql: string, parameters: unknown[]): Promise<Row[]> {
    const { owner } = tx;
    return new Promise((resolve, reject) => {
      const answered = () => {
        tx.asked.shift();
        tx.asked[0]?.();
      };
      const attempt = () => {
        try {
          if (tx.aborted) throw new Error('terminating connection');
          const values = parameters.map((each) => (each instanceof PgArray ? each.values : each));
          const rows = statement(sql)(new View(tx, this.tables, this.locks), values as any[]);
          if (isLast(sql)) this.finish(tx);
          answered();
          resolve(rows);
        } catch (error) {
          if (!(error instanceof Locked)) {
            answered();
            return reject(error as Error);
          }
          const again = () => void this.sim.schedule(owner, attempt);
          this.waiting.push({ tx, key: error.key, again });
        }
      };
      tx.asked.push(() => void this.sim.schedule(owner, attempt));
      if (tx.asked.length === 1) tx.asked[0]!();
    });
  }

  /** Commits; the answer may be lost on its way. */
  private finish(tx: Transaction): void {
    this.commit(tx);
    if (this.commitsInDoubt === 0) return;
    this.commitsInDoubt -= 1;
    throw new Error('the connection was cut');
  }

  private commit(tx: Transaction): void {
    if (tx.aborted) throw new Error('terminating connection');
    for (const [name, writes] of tx.writes) {
      const table = tableOf(this.tables, name);
      for (const [key, row] of writes) {
        if (row) table.set(key, row);
        else table.delete(key);
      }
    }
    tx.committed = true;
    this.end(tx);
  }

  private rollback(tx: Transaction): void {
    tx.aborted = true;
    this.end(tx);
  }

  private end(tx: Transaction): void {
    this.open.delete(tx);
    for (const key of tx.locks) this.locks.delete(key);
    tx.locks.clear();
    const free = this.waiting.filter(({ key, tx: by }) => !this.locks.has(key) || by.aborted);
    this.waiting = this.waiting.filter((each) => !free.includes(each));
    for (const { again } of free) again();
  }
}

function tableOf(tables: Map<string, Table>, name: string): Table {
  const table = tables.get(name) ?? new Map<string, Row>();
  tables.set(name, table);
  return table;
}

/** What one transaction sees: what is committed now, and its own writes. */
export class View {
  constructor(
    private readonly tx: Transaction,
    private readonly tables: Map<string, Table>,
    private readonly locks: Map<string, Transaction>,
  ) {}

  all(table: string): Row[] {
    const rows = new Map(tableOf(this.tables, table));
    for (const [key, row] of this.tx.writes.get(table) ?? []) {
      if (row) rows.set(key, row);
      else rows.delete(key);
    }
    return [...rows.values()];
  }

  get(table: string, key: string): Row | undefined {
    const written = this.tx.writes.get(table)?.get(key);
    return written === undefined ? tableOf(this.tables, table).get(key) : (written ?? undefined);
  }

  set(table: string, key: string, row: Row | null): void {
    const writes = this.tx.writes.get(table) ?? new Map<string, Row | null>();
    this.tx.writes.set(table, writes);
    writes.set(key, row);
  }

  /** Waits for the row when another transaction holds it. */
  lock(key: string): void {
    if (!this.tryLock(key)) throw new Locked(key);
  }

  tryLock(key: string): boolean {
    const holder = this.locks.get(key);
    if (holder && holder !== this.tx) return false;
    this.locks.set(key, this.tx);
    this.tx.locks.add(key);
    return true;
  }
}
