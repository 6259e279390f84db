import type { DataSource } from 'typeorm';
import type { IncomingRecord } from './envelope.ts';
import type { Progress } from './fold.ts';
import type { KeptStates } from './kept-states.ts';
import { lock, save } from './positions.ts';
import type { Place } from './positions.ts';
import type { Done, Work } from './work.ts';

/** A partition this process owns: where it stands, and until when nobody is to be woken. */
export interface Owned extends Place {
  epoch: number;
  progress: Progress;
  skips: Map<number, string>;
  nextTimer: number | null;
  kept: KeptStates;
}

/**
 * One transaction of the delivery loop: lock the position row, do the work, save its effects, move
 * the position. `owned` stands at the new place afterwards. Throws `Fenced` when another process
 * owns the partition.
 */
export async function transact(
  dataSource: DataSource,
  work: Work,
  owned: Owned,
  records: readonly IncomingRecord[],
): Promise<Done> {
  const { progress, skips, topic, partition, nextTimer, kept } = owned;
  const done = await dataSource
    .transaction(async (tx) => {
      await lock(tx, owned, owned.epoch);
      const batch = { topic, partition, progress, records, skips, kept };
      const result = await work.run(tx, batch, nextTimer);
      await save(tx, owned, result);
      return result;
    })
    .catch((error: unknown) => {
      kept.clear();
      throw error;
    });
  owned.progress = done.progress;
  owned.nextTimer = done.nextTimer;
  done.committed?.();
  return done;
}
