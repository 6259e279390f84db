import type { DataSource } from 'typeorm';
import type { IncomingRecord } from './envelope.ts';
import type { Progress } from './fold.ts';
import type { KeptStates } from './kept-states.ts';
import { claim, lock, save } from './positions.ts';
import type { Place } from './positions.ts';
import { together } from './together.ts';
import type { Done, Work } from './work.ts';

/** A partition this process owns: where it stands, and until when no timer is to be looked at. */
export interface Owned extends Place {
  epoch: number;
  progress: Progress;
  skips: Map<number, string>;
  /** Log time, ms. */
  nextTimer: number | null;
  /** Until then nobody is to be woken, as far as is known: not before `nextTimer`. */
  nextDue: number | null;
  kept: KeptStates;
}

/** Claims a partition, and looks up where its group stands in it. */
export function claimFor(
  dataSource: DataSource,
  work: Work,
  place: Place,
  cluster: string,
): Promise<Owned> {
  return dataSource.transaction(async (tx) => {
    const claimed = await claim(tx, place, cluster);
    const nextTimer = await work.nextTimer(tx, place.partition);
    return { ...place, ...claimed, nextTimer, nextDue: nextTimer, kept: work.keep() };
  });
}

/** The next records of a partition. */
export interface Part {
  owned: Owned;
  records: readonly IncomingRecord[];
}

/** The work was done, and no commit was heard of: it may have been committed or not. */
export class InDoubt extends Error {}

/**
 * One transaction of the delivery loop: lock the position rows, do the work, save its effects, move
 * the positions. Each `owned` stands at its new place afterwards. Throws `Fenced` when another process
 * owns one of the partitions, and {@link InDoubt}; whatever else it throws, nothing was done.
 */
export async function transact(
  dataSource: DataSource,
  work: Work,
  parts: readonly Part[],
): Promise<Done[]> {
  const all = parts.map(({ owned }) => owned);
  let isToCommit = false;
  const done = await dataSource
    .transaction(async (tx) => {
      const locked = lock(tx, work.group, all);
      const { done, written } = await work.run(tx, parts.map(batchOf), locked);
      const steps = done.map((step, i) => ({ at: all[i]!, step }));
      isToCommit = true; // As its last statement does.
      await together([written, save(tx, work.group, steps)]);
      return done;
    })
    .catch((error: Error) => {
      for (const { kept } of all) kept.clear();
      if (!isToCommit || isRefusedValue(error)) throw error;
      throw new InDoubt(error.message, { cause: error });
    });
  for (const [i, { progress, nextTimer, committed }] of done.entries()) {
    Object.assign(all[i]!, { progress, nextTimer, nextDue: nextTimer });
    committed?.();
  }
  return done;
}

/** SQLSTATE classes 22 (data exception) and 23 (integrity): the value itself is at fault, and nothing was committed. */
export function isRefusedValue(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return typeof code === 'string' && /^2[23]/.test(code);
}

function batchOf({ owned, records }: Part) {
  const { topic, partition, progress, skips, kept, nextTimer } = owned;
  return { topic, partition, progress, records, skips, kept, nextTimer };
}
