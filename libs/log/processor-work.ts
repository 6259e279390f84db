import type { EntityManager } from 'typeorm';
import { fold } from './fold.ts';
import type { Outcome, StateRow } from './fold.ts';
import { KeptStates } from './kept-states.ts';
import { bytesToKeep } from './memory.ts';
import type { Processor } from './processor.ts';
import { States } from './states.ts';
import type { Batch, Done, Work } from './work.ts';

/** Runs a processor: load the states of the batch, fold, save them. */
export class ProcessorWork implements Work {
  readonly group: string;
  readonly topics: Work['topics'];
  private readonly states: States;

  /** `processors`: how many share this process. */
  constructor(
    private readonly processor: Processor,
    private readonly processors = 1,
  ) {
    this.group = processor.name;
    this.topics = [processor.topic];
    this.states = new States(processor);
  }

  wants(type: string): boolean {
    return this.processor.reads.has(type);
  }

  keep(): KeptStates {
    return new KeptStates(bytesToKeep(this.processors));
  }

  async run(tx: EntityManager, batch: Batch, nextTimer: number | null): Promise<Done> {
    const { partition, progress, records, skips, kept } = batch;
    const time = records.reduce((max, { timestamp }) => Math.max(max, timestamp), progress.time);
    const timersDue = nextTimer !== null && nextTimer <= time;
    const at = { partition, time, timersDue };
    const { rows, horizon } = await this.states.load(tx, at, records, kept);
    const { processor } = this;
    const outcome = fold({ processor, partition, progress, rows, kept, records, horizon, skips });
    await this.states.save(tx, partition, outcome.rows);
    return {
      ...outcome,
      nextTimer: await this.timerAfter(tx, batch, nextTimer, timersDue, outcome),
      committed: () => remember(kept, outcome),
    };
  }

  async nextTimer(tx: EntityManager, partition: number): Promise<number | null> {
    return this.states.nextTimer(tx, partition);
  }

  /** In memory while timers are only set; looked up after some have run or may have gone. */
  private async timerAfter(
    tx: EntityManager,
    { partition }: Batch,
    before: number | null,
    timersRan: boolean,
    { rows }: Outcome,
  ): Promise<number | null> {
    if (timersRan) return this.nextTimer(tx, partition);
    let next = before;
    for (const saved of rows.values()) {
      const wakeAt = saved?.kept.wakeAt ?? null;
      if (wakeAt !== null && (next === null || wakeAt < next)) next = wakeAt;
    }
    return next;
  }
}

function remember(kept: KeptStates, { rows }: Outcome): void {
  for (const [key, changed] of rows) {
    if (!changed) kept.delete(key);
    else kept.set(key, changed.kept, lengthOf(key, changed.row));
  }
}

function lengthOf(key: string, { state, hits, cause }: StateRow): number {
  return key.length + (state?.length ?? 0) + (hits?.length ?? 0) + (cause?.length ?? 0);
}
