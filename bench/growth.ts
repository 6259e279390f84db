import { nodeFlags } from '../tools/start/service-process.ts';
import type { Result } from './figures.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withServers } from './servers.ts';
import { withSides } from './side.ts';
import type { Side } from './side.ts';

/** Read in each round: what is timed waits on the log. */
const LAP = 100_000;
/** The last of a lap are timed; its first find the process just started. */
const TIMED = 80_000;
/** A lap takes a second or two: what the machine does meanwhile must not decide. */
const LAPS = 5;
/** Appended while they are read, until it is time to measure. */
const AT_ONCE = 500_000;

/** Whether a processor becomes slower or larger with what it has read. */
export function growth(run: Run): Promise<Result[]> {
  return withServers((servers) =>
    withSides(async (start) => {
      const processing = (name: string) => start('process-on', { ...servers, name }, { nodeFlags });
      const [fill, grown] = [await start('fill', servers), await processing('grown')];
      let filled = 0;
      const measureAt = async (mark: number) => {
        for (; filled < mark; filled += AT_ONCE) {
          await Promise.all([fill.round({ count: AT_ONCE }), goOn(grown, AT_ONCE)]);
        }
        run.say(`${mark / 1e6} million were read`);
        // On the same log, from its beginning, in turns: the machine may have been another minutes ago.
        const beginner = await processing(`beginner-${mark}`);
        const sides = {
          grown: async () => {
            await fill.round({ count: LAP });
            return goOn(grown, LAP);
          },
          beginner: () => goOn(beginner, LAP),
        };
        return rounds(LAPS, sides, run);
      };
      const early = await measureAt(1_000_000);
      const { grown: old, beginner: young } = run.quick ? early : await measureAt(10_000_000);
      return [
        resultOf('growth-rate', each(old, 'perSecond'), each(young, 'perSecond')),
        resultOf('growth-memory', each(old, 'megabytes'), each(young, 'megabytes')),
      ];
    }),
  );
}

function goOn(side: Side, more: number) {
  return side.round({ more, timed: TIMED });
}
