import { setImmediate as turn } from 'node:timers/promises';
import pLimit from 'p-limit';
import type { LimitFunction } from 'p-limit';
import type { DataSource } from 'typeorm';
import type { IncomingRecord } from './envelope.ts';
import { InDoubt, transact } from './transact.ts';
import type { Owned, Part } from './transact.ts';
import type { Done, Work } from './work.ts';

/** A transaction of so many records is worth its own: what others would save is little of it. */
const MANY = 200;
/**
 * Transactions of one group at a time. One keeps the database busy while the other's records are folded;
 * with more of them a group that catches up writes so much between two commits of others that each of
 * these, which has to bring all of it to the disk, takes twice as long.
 */
const AT_ONCE = 2;

interface Waiting extends Part {
  resolve(done: Done): void;
  reject(error: unknown): void;
}

/**
 * The transactions of one consumer group. Partitions whose few records came with one answer of the
 * broker, or while a transaction was under way, share the next: a shop that is not behind reads some
 * records of each partition at a time, and a transaction costs much the same for one of them and for all.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private isUnderWay = false;
  private readonly atOnce = pLimit(AT_ONCE);

  /** `inTurn`: the transactions of all groups of this process. */
  constructor(
    private readonly work: Work,
    private readonly dataSource: DataSource,
    private readonly inTurn: LimitFunction,
  ) {}

  /** Does the records in a transaction; resolves when it is committed. */
  run(owned: Owned, records: readonly IncomingRecord[]): Promise<Done> {
    return new Promise((resolve, reject) => {
      const part = { owned, records, resolve, reject };
      if (this.work.shares && records.length < MANY) this.share(part);
      else void this.commit([part]);
    });
  }

  private share(part: Waiting): void {
    this.waiting.push(part);
    if (!this.isUnderWay) void this.commitAll();
  }

  private async commitAll(): Promise<void> {
    this.isUnderWay = true;
    await turn(); // The others of this answer of the broker.
    while (this.waiting.length > 0) await this.commit(this.waiting.splice(0));
    this.isUnderWay = false;
  }

  /**
   * Several that fail together are done each by itself, beside each other, so that a part fails for
   * reasons of its own. Not when they may have been committed: where they stand is not known.
   */
  private async commit(parts: readonly Waiting[]): Promise<void> {
    try {
      const { dataSource, work } = this;
      const done = await this.atOnce(() => this.inTurn(() => transact(dataSource, work, parts)));
      for (const [i, { resolve }] of parts.entries()) resolve(done[i]!);
    } catch (error) {
      if (parts.length > 1 && !(error instanceof InDoubt)) {
        await Promise.all(parts.map((part) => this.commit([part])));
      } else for (const { reject } of parts) reject(error);
    }
  }
}
