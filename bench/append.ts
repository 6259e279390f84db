import type { Result } from './figures.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withServers } from './servers.ts';
import { withSides } from './side.ts';

/** How fast LogWriter appends with acks=all: 200 at a time, and batches of 1,000. */
export function append(run: Run): Promise<Result[]> {
  const ms = run.quick ? 1000 : 3000;
  return withServers((servers) =>
    withSides(async (start) => {
      const log = await start('append-log', servers);
      const raw = await start('append-kafkajs', servers);
      const results: Result[] = [];
      for (const mode of ['single', 'batch']) {
        const sides = {
          [`log ${mode}`]: () => log.round({ mode, ms }),
          [`kafkajs ${mode}`]: () => raw.round({ mode, ms }),
        };
        const measured = await rounds(run.quick ? 2 : 5, sides, run);
        const [own, peer] = Object.values(measured).map((side) => each(side, 'perSecond'));
        results.push(resultOf(`append-${mode}`, own!, peer!));
      }
      return results;
    }),
  );
}
