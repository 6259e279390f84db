import { setTimeout as pause } from 'node:timers/promises';
import { Count, serve, settings } from '../serve.ts';
import { openDatabase, prepareStates, prepareTables, startService } from './service.ts';
import type { Around } from './service.ts';
import { visits } from './visits.ts';

/* A processor with its state in PostgreSQL. */

const { count, ...around } = settings<Around & { count: number }>();
await prepareTables(around);
const source = await openDatabase(around);
let round = 0;

serve(async () => {
  round += 1;
  const processed = new Count(count);
  const processor = visits(`visits-${round}`, () => processed.add());
  await prepareStates(source, processor);
  const app = await startService(around, { processors: [processor] });
  await processed.done;
  while ((await positionOf(processor.name)) < count) await pause(2);
  processed.end();
  await app.close();
  return { perSecond: processed.perSecond() };
});

async function positionOf(group: string): Promise<number> {
  const [row] = await source.query(
    'select sum(next_offset) as n from log_positions where group_name = $1',
    [group],
  );
  return Number(row.n);
}
