import type { EntityManager } from 'typeorm';
import { fold } from './fold.ts';
import type { Outcome } from './fold.ts';
import { KeptStates } from './kept-states.ts';
import { bytesToKeep } from './memory.ts';
import type { Processor } from './processor.ts';
import type { ChangedRow, StateRow } from './state-row.ts';
import { States } from './states.ts';
import type { Needs } from './states.ts';
import type { Batch, Run, Work } from './work.ts';

/** Runs a processor: load the states of the batch, fold, save them. */
export class ProcessorWork implements Work {
  readonly group: string;
  readonly topics: Work['topics'];
  readonly shares = true;
  readonly lingerMs: number | undefined;
  private readonly states: States;

  /** `processors`: how many share this process. */
  constructor(
    private readonly processor: Processor,
    private readonly processors = 1,
  ) {
    this.group = processor.name;
    this.topics = [processor.topic];
    this.lingerMs = processor.lingerMs;
    this.states = new States(processor);
  }

  wants(type: string): boolean {
    return this.processor.reads.has(type);
  }

  keep(): KeptStates {
    return new KeptStates(bytesToKeep(this.processors));
  }

  async run(tx: EntityManager, batches: readonly Batch[], locked: Promise<void>): Promise<Run> {
    const { processor, states } = this;
    const needs = batches.map(needsOf);
    const [loaded] = await Promise.all([states.load(tx, needs), locked]);
    const outcomes = batches.map((batch, i) => fold({ processor, ...batch, ...loaded[i]! }));
    const written = states.save(
      tx,
      batches.map(({ partition }, i) => ({ partition, rows: outcomes[i]!.rows })),
    );
    // In memory while timers are only set; looked up after some have run or may have gone.
    const ran = needs.filter(({ timersDue }) => timersDue).map(({ partition }) => partition);
    if (ran.length > 0) await written;
    const found = await states.nextTimers(tx, ran);
    const done = outcomes.map((outcome, i) => {
      const { partition, nextTimer, kept } = batches[i]!;
      return {
        ...outcome,
        nextTimer: found.has(partition)
          ? found.get(partition)!
          : earliest(nextTimer, outcome.rows.values()),
        committed: () => remember(kept, outcome),
      };
    });
    return { done, written };
  }

  async nextTimer(tx: EntityManager, partition: number): Promise<number | null> {
    const found = await this.states.nextTimers(tx, [partition]);
    return found.get(partition)!;
  }

  nextDue(tx: EntityManager, partition: number, now: number): Promise<number | null> {
    return this.states.nextDue(tx, partition, now);
  }
}

function needsOf({ partition, progress, records, kept, nextTimer }: Batch): Needs {
  const time = records.reduce((max, { timestamp }) => Math.max(max, timestamp), progress.time);
  return { partition, records, kept, time, timersDue: nextTimer !== null && nextTimer <= time };
}

function earliest(before: number | null, saved: Iterable<ChangedRow | null>): number | null {
  let next = before;
  for (const row of saved) {
    const lookAt = row?.kept.lookAt ?? null;
    if (lookAt !== null && (next === null || lookAt < next)) next = lookAt;
  }
  return next;
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
