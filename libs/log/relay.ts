import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource, EntityManager } from 'typeorm';
import { passCrashPoint } from './crash-points.ts';
import type { LogSink } from './log-sink.ts';
import type { PlacedRecord, Producer } from './producer.ts';
import { last } from './pipelined.ts';
import { together } from './together.ts';
import { Trouble } from './trouble.ts';

interface OutboxRow extends Omit<PlacedRecord, 'sequence'> {
  lane: string;
  major: string;
  minor: number;
}

/** Outbox rows published in one go, and lanes. */
const MAX_ROWS = 1000;
const MAX_LANES = 64;
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
    // One behind the other, without waiting: what is there is read once its lane is leased.
    const [, lanes, waiting] = await together([
      tx.query(WITHOUT_THE_DISK),
      tx.query(LEASE, [MAX_LANES]) as Promise<{ lane: string; leased: boolean }[]>,
      tx.query(WAITING, [MAX_ROWS]) as Promise<OutboxRow[]>,
    ]);
    const leased = new Set(lanes.filter((each) => each.leased).map(({ lane }) => lane));
    const rows = waiting.filter(({ lane }) => leased.has(lane));
    const busy = leased.size < lanes.length ? 'busy' : null;
    if (rows.length === 0) return busy;
    await this.producer.send(rows.map(toRecord));
    passCrashPoint('published');
    const ends = new Map(rows.map((row) => [row.lane, row]));
    await tx.query(CLEAR, [
      [...ends.keys()],
      [...ends.values()].map(({ major }) => major),
      [...ends.values()].map(({ minor }) => minor),
    ]);
    return waiting.length === MAX_ROWS ? 'more' : busy;
  }
}

function toRecord({ major, minor, ...row }: OutboxRow): PlacedRecord {
  return { ...row, sequence: [Number(major), minor] };
}

/** A crash of the database may bring back what was cleared just before: it is published again, and dropped by readers. */
const WITHOUT_THE_DISK = 'set local synchronous_commit = off';

const LEASE = `
  select lane, pg_try_advisory_xact_lock(hashtextextended(lane, 0)) as leased
  from (select distinct lane from log_outbox order by lane limit $1) lanes`;

const WAITING = `
  select lane, major, minor, topic, partition, key, type, value from log_outbox
  order by lane, major, minor limit $1`;

const CLEAR = last(`
  with done as (select * from unnest($1::text[], $2::bigint[], $3::int[]) as d(lane, major, minor)),
  cleared as (
    delete from log_outbox o using done d
    where o.lane = d.lane and (o.major, o.minor) <= (d.major, d.minor))
  insert into log_lanes (lane, published_major, published_minor) select * from done
  on conflict (lane) do update
  set published_major = excluded.published_major, published_minor = excluded.published_minor`);
