import { hash } from 'node:crypto';
import type { DataSource, EntityManager } from 'typeorm';
import type { NewEvent } from '#contracts/contract';
import { allPartitions, declarationOf } from '#contracts/contract';
import { encode } from './envelope.ts';
import type { Cause } from './envelope.ts';
import { passCrashPoint } from './crash-points.ts';
import { countAppended } from './metrics.ts';
import { last } from './pipelined.ts';
import { outboxColumns } from './positions.ts';
import { refuseForeignWriter } from './processor.ts';
import { place } from './producer.ts';
import type { PlacedRecord } from './producer.ts';
import type { Relay } from './relay.ts';
import { together } from './together.ts';
import type { AppendOptions } from './writer.ts';

/** A transaction that may append: rows and events become durable together, or not at all. */
export interface LogTransaction {
  readonly manager: EntityManager;
  append(...events: NewEvent[]): void;
  /** A statement whose answer nobody needs: it is sent at the end, in one round with others. */
  write(sql: string, parameters: unknown[]): void;
}

type Write = Parameters<LogTransaction['write']>;

/**
 * Transactions of an HTTP service. Its lanes belong to an incarnation of the database and a
 * destination partition; sequences are taken under the lane's row lock, in the last statements, so
 * that commit order is sequence order.
 */
export class Transactions {
  private incarnation: Promise<string> | null = null;

  constructor(
    private readonly service: string,
    private readonly dataSource: DataSource,
    private readonly relay: Relay,
  ) {}

  /** Runs `work`; what it appends is published soon after the commit. Rejects when it rolls back. */
  async run<T>(
    work: (tx: LogTransaction) => Promise<T>,
    { traceparent }: AppendOptions = {},
  ): Promise<T> {
    const events: NewEvent[] = [];
    const writes: Write[] = [];
    const lanePrefix = `${this.service}:${await this.incarnationId()}`;
    const result = await this.dataSource.transaction(async (manager) => {
      const answer = await work({
        manager,
        append: (...more) => void events.push(...more),
        write: (...statement) => void writes.push(statement),
      });
      const drafts = draftsOf(this.service, lanePrefix, events);
      const before = await writeAndTakeSequences(manager, writes, drafts);
      if (drafts.length > 0) {
        const at = { time: Date.now(), traceparent };
        const records = recordsOf(this.service, drafts, before, at);
        await manager.query(FILL_OUTBOX, outboxColumns(records));
      }
      return answer;
    });
    if (events.length > 0) {
      countAppended(events);
      passCrashPoint('committed');
      this.relay.wake();
    }
    return result;
  }

  private incarnationId(): Promise<string> {
    this.incarnation ??= incarnationOf(this.dataSource);
    this.incarnation.catch(() => (this.incarnation = null));
    return this.incarnation;
  }
}

const FILL_OUTBOX = last(`insert into log_outbox select * from unnest($1::text[], $2::bigint[],
  $3::int[], $4::text[], $5::int[], $6::text[], $7::text[], $8::text[])`);

/**
 * Names a life of a database, in 12 hexadecimal digits. One that was restored counts again from where
 * its backup stood, so its lanes must be new ones: a dump restored elsewhere has another system
 * identifier, one recovered to a point in time another timeline.
 */
export async function incarnationOf(dataSource: DataSource): Promise<string> {
  const [{ text }] = await dataSource.query(
    `select i.id::text || c.system_identifier || t.timeline_id as text
     from log_incarnation i, pg_control_system() c, pg_control_checkpoint() t`,
  );
  return hash('sha256', text).slice(0, 12);
}

/** An event and where it goes; a broadcast has one for each partition. */
interface Draft {
  event: NewEvent;
  lane: string;
  partition: number;
}

/** Where the events of one transaction go. Throws when `service` is no declared writer of one. */
export function draftsOf(
  service: string,
  lanePrefix: string,
  events: readonly NewEvent[],
): Draft[] {
  return events.flatMap((event) => {
    const declared = declarationOf(event);
    refuseForeignWriter(service, service, [declared]);
    const { topic, key } = event;
    const partitions = declared.broadcast
      ? allPartitions
      : [place({ topic, key, partition: null } as PlacedRecord).partition];
    return partitions.map((partition) => ({
      event,
      partition,
      lane: `${lanePrefix}:${topic}-${partition}`,
    }));
  });
}

/** The records of one transaction, one story. `last`: of each lane, which is moved on. */
export function recordsOf(
  service: string,
  drafts: readonly Draft[],
  last: Map<string, number>,
  { time, traceparent }: { time: number; traceparent?: string | undefined },
): PlacedRecord[] {
  let correlationId: string | undefined;
  return drafts.map(({ event, lane, partition }) => {
    const major = (last.get(lane) ?? 0) + 1;
    last.set(lane, major);
    const id = `${lane}/${major}`;
    correlationId ??= id;
    const cause: Cause = { correlationId, causationId: id, traceparent };
    const by = { id, source: service, time, cause, lane, partition };
    return place(encode(event, { ...by, sequence: [major, 0] }));
  });
}

/** In one round; the lanes are locked behind whatever else has to wait for a lock. */
async function writeAndTakeSequences(
  tx: EntityManager,
  writes: readonly Write[],
  drafts: readonly Draft[],
): Promise<Map<string, number>> {
  const written = writes.map(([sql, parameters]) => tx.query(sql, parameters));
  const sequences = takeSequences(tx, drafts);
  await together([...written, sequences]);
  return sequences;
}

/** Locks the lanes in one order, moves them on, and returns where each stood before. */
async function takeSequences(
  tx: EntityManager,
  drafts: readonly Draft[],
): Promise<Map<string, number>> {
  if (drafts.length === 0) return new Map();
  const counts = new Map<string, number>();
  for (const { lane } of drafts) counts.set(lane, (counts.get(lane) ?? 0) + 1);
  const rows: { lane: string; before: string }[] = await tx.query(
    `insert into log_lanes as l (lane, last_major)
     select lane, n from unnest($1::text[], $2::bigint[]) as w(lane, n) order by lane
     on conflict (lane) do update set last_major = l.last_major + excluded.last_major
     returning lane, last_major - (select n from unnest($1::text[], $2::bigint[]) as w(lane, n)
       where w.lane = l.lane) as before`,
    [[...counts.keys()], [...counts.values()]],
  );
  return new Map(rows.map(({ lane, before }) => [lane, Number(before)]));
}
