import { setTimeout as pause } from 'node:timers/promises';
import { serve, settings } from '../serve.ts';
import { openDatabase, prepareStates, prepareTables, startService } from './service.ts';
import type { Around } from './service.ts';
import { visits } from './visits.ts';

/* A processor that reads on where it stopped, round after round: so many events more, of which the last are timed. */

const { name, ...around } = settings<Around & { name: string }>();
await prepareTables(around);
const source = await openDatabase(around);
let [count, target, timeFrom, began, ended] = [0, 0, 0, 0, 0];
const processor = visits(name, () => {
  count += 1;
  if (count === timeFrom) began = performance.now();
  if (count === target) ended = performance.now();
});
await prepareStates(source, processor);
await source.destroy();

serve(async ({ more, timed }: { more: number; timed: number }) => {
  [target, timeFrom, ended] = [count + more, count + more - timed + 1, 0];
  const app = await startService(around, { processors: [processor] });
  while (ended === 0) await pause(5);
  const perSecond = (timed - 1) / ((ended - began) / 1000);
  const megabytes = process.memoryUsage().rss / 2 ** 20;
  await app.close();
  return { perSecond, megabytes };
});
