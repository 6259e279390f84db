import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { passCrashPoint } from './crash-points.ts';
import type { LogSink } from './log-sink.ts';
import type { PlacedRecord, Producer } from './producer.ts';
import { last } from './pipelined.ts';
import { Trouble } from './trouble.ts';

interface OutboxRow extends Omit<PlacedRecord, 'sequence'> {
  lane: string;
  major: string;
  minor: number;
}

/** Outbox rows published in one go. */
const MAX_ROWS = 1000;
/** How soon to look again at a lane that another replica publishes. */
const BUSY_MS = 10;
/** How often to look for rows that another replica committed and did not live to publish. */
const SWEEP_MS = 500;

/**
 * Publishes the outbox: one relay a lane at a time (an advisory lock is the lease; it ends with the
 * transaction or the process), in order, the next rows after the acknowledgement.
 */
export class Relay {
  readonly trouble: Trouble;
  private running: Promise<void> | null = null;
  private again = false;
  private stopped = false;
  private timer: NodeJS.Timeout | undefined;

  constructor(
    private readonly dataSource: DataSource,
    private readonly producer: Producer,
    sink: LogSink,
  ) {
    this.trouble = new Trouble(sink, {
      fails: 'The outbox is not published',
      works: 'The outbox is published again',
    });
  }

  start(): void {
    this.timer = setInterval(() => this.wake(), SWEEP_MS);
    this.wake();
  }

  /** Something was committed. */
  wake(): void {
    if (this.stopped) return;
    this.again = true;
    this.running ??= this.run().finally(() => (this.running = null));
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    await this.running;
    this.stopped = true;
  }

  private async run(): Promise<void> {
    while (this.again && !this.stopped) {
      this.again = false;
      try {
        const left = await this.dataSource.transaction((tx) => this.publish(tx));
        if (left) this.again = true;
        if (left === 'busy') await pause(BUSY_MS);
        this.trouble.passed();
      } catch (error) {
        const failures = this.trouble.failed(error as Error);
        this.again = true;
        await pause(Math.min(2000, 50 * 2 ** failures));
      }
    }
  }

  /** What is left after this round: nothing, more rows, or lanes another relay works on. */
  private async publish(tx: EntityManager): Promise<null | 'more' | 'busy'> {
    const lanes: { lane: string; leased: boolean }[] = await tx.query(
      `select lane, pg_try_advisory_xact_lock(hashtextextended(lane, 0)) as leased
       from (select distinct lane from log_outbox order by lane limit 64) lanes`,
    );
    const leased = lanes.filter((lane) => lane.leased);
    if (leased.length === 0) return lanes.length > 0 ? 'busy' : null;
    const rows: OutboxRow[] = await tx.query(
      `select lane, major, minor, topic, partition, key, type, value from log_outbox
       where lane = any($1) order by lane, major, minor limit ${MAX_ROWS}`,
      [leased.map(({ lane }) => lane)],
    );
    if (rows.length === 0) return null;
    await this.producer.send(rows.map(toRecord));
    passCrashPoint('published');
    const ends = new Map(rows.map((row) => [row.lane, row]));
    await tx.query(CLEAR, [
      [...ends.keys()],
      [...ends.values()].map(({ major }) => major),
      [...ends.values()].map(({ minor }) => minor),
    ]);
    if (rows.length === MAX_ROWS) return 'more';
    return leased.length < lanes.length ? 'busy' : null;
  }
}

function toRecord({ major, minor, ...row }: OutboxRow): PlacedRecord {
  return { ...row, sequence: [Number(major), minor] };
}

const CLEAR = last(`
  with done as (select * from unnest($1::text[], $2::bigint[], $3::int[]) as d(lane, major, minor)),
  cleared as (
    delete from log_outbox o using done d
    where o.lane = d.lane and (o.major, o.minor) <= (d.major, d.minor))
  insert into log_lanes (lane, published_major, published_minor) select * from done
  on conflict (lane) do update
  set published_major = excluded.published_major, published_minor = excluded.published_minor`);
