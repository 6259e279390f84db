import type { DataSource } from 'typeorm';
import type { Progress } from './fold.ts';
import type { ChangedRow } from './state-row.ts';
import { claim, save } from './positions.ts';
import type { Processor } from './processor.ts';
import type { Sequence } from './sequence.ts';
import { States } from './states.ts';

/** What a processor made of one partition. */
export interface PastWork {
  processor: Processor;
  partition: number;
  progress: Progress;
  rows: ReadonlyMap<string, ChangedRow>;
  /** The last of its outputs, all of which are on the log; null when there are none. */
  lastOutput: { lane: string; sequence: Sequence } | null;
}

const ROWS_AT_ONCE = 2_000;

/**
 * Lets a processor stand in a partition of `cluster` as if it had read it: states, timers, position, lanes
 * seen, and what of its own is published. One transaction; its database must know nothing of it.
 */
export async function importStates(
  dataSource: DataSource,
  { processor, partition, progress, rows, lastOutput }: PastWork,
  cluster: string,
): Promise<void> {
  const place = { group: processor.name, topic: processor.topic.name, partition };
  const states = new States(processor);
  const all = [...rows];
  await dataSource.transaction(async (tx) => {
    await claim(tx, place, cluster);
    for (let from = 0; from < all.length; from += ROWS_AT_ONCE) {
      const rows = new Map(all.slice(from, from + ROWS_AT_ONCE));
      await states.save(tx, [{ partition, rows }]);
    }
    if (lastOutput) {
      await tx.query(
        'insert into log_lanes (lane, published_major, published_minor) values ($1, $2, $3)',
        [lastOutput.lane, ...lastOutput.sequence],
      );
    }
    const step = { progress, lanes: progress.lanes, append: [], bad: [] };
    await save(tx, place.group, [{ at: place, step }]);
  });
}

/** Lets the lanes of a service's own transactions go on after the last count of each. */
export async function importLanes(
  dataSource: DataSource,
  last: ReadonlyMap<string, number>,
): Promise<void> {
  await dataSource.query(
    `insert into log_lanes (lane, last_major, published_major, published_minor)
     select lane, n, n, 0 from unnest($1::text[], $2::bigint[]) as l(lane, n)`,
    [[...last.keys()], [...last.values()]],
  );
}
