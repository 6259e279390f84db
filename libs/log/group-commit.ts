import { setImmediate as turn } from 'node:timers/promises';
import type { LimitFunction } from 'p-limit';
import type { DataSource } from 'typeorm';
import type { IncomingRecord } from './envelope.ts';
import { transact } from './transact.ts';
import type { Owned, Part } from './transact.ts';
import type { Done, Work } from './work.ts';

/** A transaction of so many records is worth its own: what others would save is little of it. */
const MANY = 200;

interface Waiting extends Part {
  settle(result: PromiseSettledResult<Done>): void;
}

/**
 * The transactions of one consumer group. Partitions whose few records came with one answer of the
 * broker, or while a transaction was under way, share the next: a shop that is not behind reads some
 * records of each partition at a time, and a transaction costs much the same for one of them and for all.
 */
export class GroupCommit {
  private waiting: Waiting[] = [];
  private isUnderWay = false;

  /** `inTurn`: the transactions of all groups of this process. */
  constructor(
    private readonly work: Work,
    private readonly dataSource: DataSource,
    private readonly inTurn: LimitFunction,
  ) {}

  /** Does the records in a transaction; resolves when it is committed. */
  async run(owned: Owned, records: readonly IncomingRecord[]): Promise<Done> {
    const part = { owned, records };
    const result = await (this.work.shares && records.length < MANY
      ? this.share(part)
      : this.alone(part));
    if (result.status === 'rejected') throw result.reason;
    return result.value;
  }

  private async alone(part: Part): Promise<PromiseSettledResult<Done>> {
    const [result] = await this.inTurn(() => transact(this.dataSource, this.work, [part]));
    return result!;
  }

  private share(part: Part): Promise<PromiseSettledResult<Done>> {
    return new Promise((settle) => {
      this.waiting.push({ ...part, settle });
      if (!this.isUnderWay) void this.commitAll();
    });
  }

  private async commitAll(): Promise<void> {
    this.isUnderWay = true;
    await turn(); // The others of this answer of the broker.
    while (this.waiting.length > 0) await this.inTurn(() => this.commit(this.waiting.splice(0)));
    this.isUnderWay = false;
  }

  private async commit(parts: readonly Waiting[]): Promise<void> {
    const results = await transact(this.dataSource, this.work, parts);
    for (const [i, { settle }] of parts.entries()) settle(results[i]!);
  }
}
