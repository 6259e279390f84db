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

/** The next records of a partition. */
export interface Part {
  owned: Owned;
  records: readonly IncomingRecord[];
}

/**
 * One transaction of the delivery loop: lock the position rows, do the work, save its effects, move
 * the positions. Each `owned` stands at its new place afterwards. When several parts fail together
 * each is done by itself, so that a part fails for reasons of its own: with `Fenced` when another
 * process owns its partition. A commit without an answer fails all of them: it may have been done.
 */
export async function transact(
  dataSource: DataSource,
  work: Work,
  parts: readonly Part[],
): Promise<PromiseSettledResult<Done>[]> {
  const all = parts.map(({ owned }) => owned);
  let isToCommit = false;
  try {
    const done = await dataSource.transaction(async (tx) => {
      await lock(tx, work.group, all);
      const results = await work.run(tx, parts.map(batchOf));
      await save(
        tx,
        work.group,
        results.map((step, i) => ({ at: all[i]!, step })),
      );
      isToCommit = true;
      return results;
    });
    return done.map((value, i) => {
      const { progress, nextTimer } = value;
      Object.assign(all[i]!, { progress, nextTimer });
      value.committed?.();
      return { status: 'fulfilled', value };
    });
  } catch (reason) {
    for (const { kept } of all) kept.clear();
    if (parts.length === 1 || isToCommit) return all.map(() => ({ status: 'rejected', reason }));
    const results: PromiseSettledResult<Done>[] = [];
    for (const part of parts) results.push(...(await transact(dataSource, work, [part])));
    return results;
  }
}

function batchOf({ owned, records }: Part) {
  const { topic, partition, progress, skips, kept, nextTimer } = owned;
  return { topic, partition, progress, records, skips, kept, nextTimer };
}
