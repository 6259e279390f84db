import type { Consumer } from 'kafkajs';
import { partitionName } from './partition.ts';
import type { Owned } from './transact.ts';

const EVERY_MS = 1000;

/**
 * Tells Kafka how far a group has come, at most once a second, and where it came to rest. Only lag
 * displays read that, as where to go on is in our own database: so nobody waits for it. kafkajs tries
 * a commit again for as long as the coordinator that it knows has not answered, and it looks for
 * another only when a heartbeat, of a batch that is not waiting here, is refused.
 */
export class LagDisplay {
  private readonly due = new Map<string, { topic: string; partition: number; offset: number }>();
  private readonly told = new Map<string, number>();
  private toldAt = 0;
  private telling = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(private readonly consumer: Pick<Consumer, 'commitOffsets'>) {}

  /** It stands there, and that is saved: whoever comes next begins at what Kafka says. */
  show({ topic, partition, progress: { offset } }: Owned): void {
    const key = partitionName(topic, partition);
    if (this.told.get(key) === offset) return;
    this.due.set(key, { topic, partition, offset });
    this.arm();
  }

  /** Shows nothing more of the partitions held so far. */
  forget(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.due.clear();
    this.told.clear();
  }

  private arm(): void {
    if (this.timer || this.telling || this.due.size === 0) return;
    const rest = this.toldAt + EVERY_MS - Date.now();
    if (rest <= 0) void this.tell();
    else this.timer = setTimeout(() => void this.tell(), rest).unref();
  }

  private async tell(): Promise<void> {
    this.timer = undefined;
    this.telling = true;
    this.toldAt = Date.now();
    const offsets = [...this.due].map(([key, { offset, ...at }]) => {
      this.told.set(key, offset);
      return { ...at, offset: String(offset) };
    });
    this.due.clear();
    // It is a display: the next batch shows it again.
    await this.consumer.commitOffsets(offsets).catch(() => undefined);
    this.telling = false;
    this.arm();
  }
}
