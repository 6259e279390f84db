import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Processor } from '#log/processor';
import { Count, serve, settings } from '../serve.ts';
import { openDatabase, prepareStates, prepareTables, startService } from './service.ts';
import type { Around } from './service.ts';

/** A processor that reads as `round`; it calls `onEvent` with each event that it folds. */
export type OfRound = (round: string, onEvent: () => void) => Processor;

/** Rounds of reading the topic from the beginning, each in a group and a table of its own. */
export async function serveProcessing(processorOf: OfRound): Promise<void> {
  const { count, ...around } = settings<Around & { count: number }>();
  await prepareTables(around);
  const source = await openDatabase(around);
  let round = 0;

  serve(async () => {
    round += 1;
    const processed = new Count(count);
    const processor = processorOf(`${round}`, () => processed.add());
    await prepareStates(source, processor);
    const app = await startService(around, { processors: [processor] });
    await processed.done;
    while ((await positionOf(source, processor.name)) < count) await pause(2);
    processed.end();
    await app.close();
    return { perSecond: processed.perSecond() };
  });
}

async function positionOf(source: DataSource, group: string): Promise<number> {
  const [row] = await source.query(
    'select sum(next_offset) as n from log_positions where group_name = $1',
    [group],
  );
  return Number(row.n);
}

/** A processor of an application, as it is but for its name. */
export function asItIs(processor: Processor): OfRound {
  return (round, onEvent) => ({
    ...processor,
    name: `${processor.name}.${round}`,
    on(state, event, shared) {
      onEvent();
      return processor.on(state, event, shared);
    },
  });
}
