import type { EntityManager } from 'typeorm';
import { fold } from './fold.ts';
import type { Processor } from './processor.ts';
import { States } from './states.ts';
import type { Batch, Done, Work } from './work.ts';

/** Runs a processor: load the states of the batch, fold, save them. */
export class ProcessorWork implements Work {
  readonly group: string;
  readonly topics: Work['topics'];
  private readonly states: States;

  constructor(private readonly processor: Processor) {
    this.group = processor.name;
    this.topics = [processor.topic];
    this.states = new States(processor);
  }

  async run(tx: EntityManager, batch: Batch, nextTimer: number | null): Promise<Done> {
    const { partition, progress, records, skips } = batch;
    const time = records.reduce((max, { timestamp }) => Math.max(max, timestamp), progress.time);
    const timersDue = nextTimer !== null && nextTimer <= time;
    const { rows, horizon } = await this.states.load(tx, { partition, time, timersDue }, records);
    const { processor } = this;
    const outcome = fold({ processor, partition, progress, rows, records, horizon, skips });
    await this.states.save(tx, partition, outcome.rows);
    return {
      ...outcome,
      nextTimer: await this.timerAfter(tx, batch, nextTimer, timersDue, outcome),
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
    { rows }: ReturnType<typeof fold>,
  ): Promise<number | null> {
    if (timersRan) return this.nextTimer(tx, partition);
    let next = before;
    for (const saved of rows.values()) {
      const wakeAt = saved?.row.wakeAt ?? null;
      if (wakeAt !== null && (next === null || wakeAt < next)) next = wakeAt;
    }
    return next;
  }
}
