import type { Result } from './figures.ts';
import { fill } from './fill.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withServers } from './servers.ts';
import { withSides } from './side.ts';

/** How fast a side reads a full topic, beside each of its peers: figures and their sides. */
export function readingBeside(
  run: Run,
  own: string,
  peers: readonly { figure: string; side: string }[],
  events = 200_000,
): Promise<Result[]> {
  const count = run.quick ? 60_000 : events;
  return withServers((servers) =>
    withSides(async (start) => {
      await fill(start, servers.brokers, count, run);
      const turns: Parameters<typeof rounds>[1] = {};
      for (const name of [own, ...peers.map(({ side }) => side)]) {
        const side = await start(name, { ...servers, count });
        turns[name] = () => side.round();
      }
      const measured = await rounds(run.quick ? 2 : 5, turns, run);
      const speedOf = (name: string) => each(measured[name]!, 'perSecond');
      return peers.map(({ figure, side }) => resultOf(figure, speedOf(own), speedOf(side)));
    }),
  );
}
