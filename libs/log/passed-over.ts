import type { DataSource } from 'typeorm';
import { typeOf } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { moveOn } from './positions.ts';
import type { Owned } from './transact.ts';
import type { Trouble } from './trouble.ts';
import type { Work } from './work.ts';

const SAVE_AFTER_MS = 1000;

/**
 * Records that change nothing for a group, of types it does not read while no timer is due, move its
 * position in memory only. The next transaction saves it, or else this does, a second later. What
 * is lost of it is passed over again.
 */
export class PassedOver {
  private readonly unsaved = new Set<Owned>();
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly work: Work,
    private readonly dataSource: DataSource,
    private readonly trouble: Trouble,
    private readonly on: { saved(owned: Owned): void; fenced(owned: Owned): void },
  ) {}

  /** Moves `owned` beyond the records if that is all there is to do with them. */
  pass(owned: Owned, records: readonly IncomingRecord[]): boolean {
    const { progress, nextTimer, skips } = owned;
    if (progress.index > 0) return false; // Wake-ups of a record are spread over transactions.
    let { time } = progress;
    for (const record of records) {
      time = Math.max(time, record.timestamp);
      if (skips.has(record.offset) || this.isWanted(record)) return false;
    }
    if (nextTimer !== null && nextTimer <= time) return false;
    owned.progress = { ...progress, offset: records.at(-1)!.offset + 1, time };
    this.unsaved.add(owned);
    this.arm();
    return true;
  }

  /** Does it stand where no transaction has saved it? */
  has(owned: Owned): boolean {
    return this.unsaved.has(owned);
  }

  /** A transaction saved where it stands. */
  saved(owned: Owned): void {
    this.unsaved.delete(owned);
  }

  /** The partitions held so far are claimed anew. */
  forget(): void {
    this.unsaved.clear();
  }

  /** Saves once more, if that can be done: what is lost of it does no harm. */
  async stop(): Promise<void> {
    clearTimeout(this.timer);
    await this.save();
    clearTimeout(this.timer);
  }

  /** What is no event is bad for whoever reads it. */
  private isWanted(record: IncomingRecord): boolean {
    const type = typeOf(record);
    return type === undefined || this.work.wants(type);
  }

  private arm(): void {
    this.timer ??= setTimeout(() => void this.save(), SAVE_AFTER_MS);
  }

  private async save(): Promise<void> {
    this.timer = undefined;
    // As they stand now: the loop goes on meanwhile.
    const now = [...this.unsaved].map((owned) => ({ owned, at: { ...owned } }));
    if (now.length === 0) return;
    const places = now.map(({ at }) => at);
    try {
      const ours = new Set(await moveOn(this.dataSource, this.work.group, places));
      for (const { owned, at } of now) {
        // Gone from there when a transaction was faster: its position is shown already.
        if (!ours.has(at)) this.on.fenced(owned);
        else if (this.unsaved.has(owned)) this.on.saved(at);
        if (owned.progress === at.progress || !ours.has(at)) this.unsaved.delete(owned);
      }
      this.trouble.passed();
    } catch (error) {
      this.trouble.failed(error as Error);
    }
    if (this.unsaved.size > 0) this.arm();
  }
}
