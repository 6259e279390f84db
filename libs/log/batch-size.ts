/** Records in one transaction, at most: bounds its time, so that a rebalance never waits long. */
const MOST = 8000;
const FIRST = 500;
const LEAST = 50;
/** What a transaction shall take. The database ends one that takes longer than 5.5 s. */
const AIM_MS = 1000;

/**
 * How many records a transaction of a partition takes: as many as are done in about a second, whoever
 * else needs the processor meanwhile. Who catches up beside a busy shop would otherwise run into the
 * limits of the database, and do the same again.
 */
export class BatchSize {
  private size = FIRST;

  get now(): number {
    return this.size;
  }

  /** A transaction of so many records was committed; it took `ms`. */
  took(records: number, ms: number): void {
    if (ms > AIM_MS) this.size = Math.max(LEAST, Math.round((records * AIM_MS) / ms));
    else if (records >= this.size && ms < AIM_MS / 2) this.size = Math.min(MOST, this.size * 2);
  }

  /** A transaction failed, for whatever reason. */
  failed(): void {
    this.size = Math.max(LEAST, this.size >> 1);
  }
}
