import { randomUUID } from 'node:crypto';
import { encode } from './envelope.ts';
import type { Surroundings } from './delivery.ts';
import { partitionName } from './partition.ts';
import type { Owned } from './transact.ts';
import type { PlacedRecord } from './producer.ts';
import type { Trouble } from './trouble.ts';
import type { Work } from './work.ts';

/** Between two ticks of one partition, whoever of this group waits. */
const MIN_INTERVAL_MS = 500;

/**
 * Moves log time on where somebody waits: when the wall clock passes a timer that is due and no
 * record has come since, one TimePassed is appended to that partition. The loop acts when it reads
 * it back, like everybody else, so a replay sees time pass at the same place.
 */
export class Ticker {
  private timer: NodeJS.Timeout | undefined;
  private stopped = false;
  private ticking = false;
  private again = false;
  private readonly tickedAt = new Map<string, number>();

  constructor(
    private readonly work: Work,
    private readonly around: Surroundings,
    private readonly owned: () => Iterable<Promise<Owned>>,
    private readonly trouble: Trouble,
  ) {}

  /** A timer may have been set: look when the next one is due. */
  arm(): void {
    if (this.ticking) this.again = true;
    else this.schedule(0);
  }

  stop(): void {
    this.stopped = true;
    clearTimeout(this.timer);
  }

  private schedule(inMs: number): void {
    if (this.stopped) return;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.tick(), inMs);
  }

  private async tick(): Promise<void> {
    this.ticking = true;
    this.again = false;
    let nextMs = 60_000;
    try {
      for (const owning of this.owned()) {
        const owned = await owning.catch(() => null);
        if (owned) nextMs = Math.min(nextMs, await this.tickPartition(owned));
      }
      this.trouble.passed();
    } catch (error) {
      this.trouble.failed(error as Error);
      nextMs = 1000;
    }
    this.ticking = false;
    this.schedule(this.again ? 0 : nextMs);
  }

  /** Ticks when it is time; returns in how many ms to look again. */
  private async tickPartition(owned: Owned): Promise<number> {
    const { topic, partition, nextDue, progress } = owned;
    const now = Date.now();
    if (nextDue === null) return 60_000;
    if (nextDue > now) return nextDue - now;
    const key = partitionName(topic, partition);
    const wait = (this.tickedAt.get(key) ?? 0) + MIN_INTERVAL_MS - now;
    if (wait > 0) return wait;
    // What is to be looked at may have been set anew since; only who is due is worth a record.
    const found = await this.work.nextDue(this.around.dataSource.manager, partition, now);
    if (owned.progress !== progress) return 0; // A batch was faster and knows better.
    owned.nextDue = found;
    if (found === null || found > now) return 0;
    this.tickedAt.set(key, now);
    await this.around.producer.send([timePassed(this.around.service, owned, now)]);
    return MIN_INTERVAL_MS;
  }
}

/** The record that moves log time on in one partition. `time` is in ms. */
export function timePassed(
  service: string,
  { topic, partition }: { topic: string; partition: number },
  time: number,
  id: string = randomUUID(),
): PlacedRecord {
  const event = { type: 'TimePassed', version: 1, topic, key: null, data: {} };
  const cause = { correlationId: id, causationId: id };
  const by = { id, source: service, time, cause, lane: null, sequence: null };
  return { ...encode(event, { ...by, partition }), partition };
}
