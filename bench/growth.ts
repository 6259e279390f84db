import { nodeFlags } from '../tools/start/service-process.ts';
import type { Result } from './figures.ts';
import { resultOf } from './report.ts';
import { each } from './rounds.ts';
import type { Run } from './rounds.ts';
import type { Measures } from './serve.ts';
import { withServers } from './servers.ts';
import { withSides } from './side.ts';
import { median } from './statistics.ts';

/** What a beginner reads before it is measured, and then each time: what is timed waits on the log. */
const LAP = 100_000;
/** The last of a lap are timed; its first find the process just started. */
const TIMED = 80_000;
/** A lap takes a second or two: what the machine does meanwhile must not decide. */
const LAPS = 5;

/** Whether a processor becomes slower or larger with what it has read. */
export function growth(run: Run): Promise<Result[]> {
  return withServers((servers) =>
    withSides(async (start) => {
      const fill = await start('fill', servers);
      const processor = await start('process-on', { ...servers, name: 'growth' }, { nodeFlags });
      let filled = 0;
      const lapsAt = async (mark: number) => {
        while (filled < mark) {
          const count = Math.min(500_000, mark - filled);
          filled += count;
          await Promise.all([
            fill.round({ count }),
            processor.round({ more: count, timed: TIMED }),
          ]);
        }
        // Another, on the same log from its beginning, in turns: minutes later the machine may be another.
        const name = `beginner-${mark}`;
        const beginner = await start('process-on', { ...servers, name }, { nodeFlags });
        await beginner.round({ more: LAP, timed: TIMED });
        const laps = { old: [] as Measures[], young: [] as Measures[] };
        for (let lap = 0; lap < LAPS; lap += 1) {
          await fill.round({ count: LAP });
          filled += LAP;
          laps.old.push(await processor.round({ more: LAP, timed: TIMED }));
          laps.young.push(await beginner.round({ more: LAP, timed: TIMED }));
        }
        await beginner.stop();
        run.say(
          `after ${mark / 1e6} million: ${said(laps.old)}; another's first: ${said(laps.young)}`,
        );
        return laps;
      };
      let laps = await lapsAt(1_000_000);
      if (!run.quick) laps = await lapsAt(10_000_000);
      return [
        resultOf('growth-rate', each(laps.old, 'perSecond'), each(laps.young, 'perSecond')),
        resultOf('growth-memory', each(laps.old, 'megabytes'), each(laps.young, 'megabytes')),
      ];
    }),
  );
}

function said(laps: readonly Measures[]): string {
  const rate = Math.round(median(each(laps, 'perSecond'))).toLocaleString('en-GB');
  return `${rate} events/s, ${Math.round(median(each(laps, 'megabytes')))} MB`;
}
