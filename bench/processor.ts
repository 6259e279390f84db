import type { Result } from './figures.ts';
import { fill } from './fill.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withServers } from './servers.ts';
import { withSides } from './side.ts';

/** How fast a processor is, exactly once, with 20,000 keys, lanes, timers and validation. */
export function processor(run: Run): Promise<Result[]> {
  const count = run.quick ? 60_000 : 200_000;
  return withServers((servers) =>
    withSides(async (start) => {
      await fill(start, servers.brokers, count, run);
      const settings = { ...servers, count };
      const log = await start('process-log', settings);
      const raw = await start('read-kafkajs', settings);
      const naive = await start('process-naive', settings);
      const sides = { log: () => log.round(), raw: () => raw.round(), naive: () => naive.round() };
      const measured = await rounds(run.quick ? 2 : 5, sides, run);
      const own = each(measured.log, 'perSecond');
      return [
        resultOf('processor', own, each(measured.raw, 'perSecond')),
        resultOf('processor-naive', own, each(measured.naive, 'perSecond')),
      ];
    }),
  );
}
