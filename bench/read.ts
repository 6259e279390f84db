import type { Result } from './figures.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withServers } from './servers.ts';
import { fill } from './fill.ts';
import { withSides } from './side.ts';

/** How fast the delivery loop reads when there is nothing to do. */
export function read(run: Run): Promise<Result[]> {
  const count = run.quick ? 60_000 : 200_000;
  return withServers((servers) =>
    withSides(async (start) => {
      await fill(start, servers.brokers, count, run);
      const settings = { ...servers, count };
      const log = await start('read-log', settings);
      const raw = await start('read-kafkajs', settings);
      const nest = await start('read-nest', settings);
      const sides = { log: () => log.round(), raw: () => raw.round(), nest: () => nest.round() };
      const measured = await rounds(run.quick ? 2 : 5, sides, run);
      const own = each(measured.log, 'perSecond');
      return [
        resultOf('read', own, each(measured.raw, 'perSecond')),
        resultOf('read-nest', own, each(measured.nest, 'perSecond')),
      ];
    }),
  );
}
