import { nodeFlags } from '../tools/start/service-process.ts';
import type { Result } from './figures.ts';
import { resultOf } from './report.ts';
import { each } from './rounds.ts';
import type { Run } from './rounds.ts';
import type { Measures } from './serve.ts';
import { withServers } from './servers.ts';
import { withSides } from './side.ts';
import { median } from './statistics.ts';

/** Read before anything is measured, and again before each mark: what is timed waits on the log. */
const LAP = 100_000;
/** The last of a lap are timed; its first find the process just started. */
const TIMED = 80_000;
/** A lap takes a second or two: what the machine does meanwhile must not decide. */
const LAPS = 5;

/** Whether a processor becomes slower or larger with what it has read. */
export function growth(run: Run): Promise<Result[]> {
  const marks = run.quick ? [LAP, 1_000_000] : [LAP, 1_000_000, 10_000_000];
  return withServers((servers) =>
    withSides(async (start) => {
      const fill = await start('fill', servers);
      const processor = await start('process-on', servers, { nodeFlags });
      const at: Measures[][] = [];
      await fill.round({ count: LAP });
      await processor.round({ upTo: LAP, timed: TIMED });
      let filled = LAP;
      for (const mark of marks) {
        while (filled < mark) {
          const count = Math.min(500_000, mark - filled);
          filled += count;
          await Promise.all([
            fill.round({ count }),
            processor.round({ upTo: filled, timed: TIMED }),
          ]);
        }
        const laps: Measures[] = [];
        while (laps.length < LAPS) {
          await fill.round({ count: LAP });
          filled += LAP;
          laps.push(await processor.round({ upTo: filled, timed: TIMED }));
        }
        sayOf(mark, laps, run);
        at.push(laps);
      }
      const [first, last] = [at[0]!, at.at(-1)!];
      return [
        resultOf('growth-rate', each(last, 'perSecond'), each(first, 'perSecond')),
        resultOf('growth-memory', each(last, 'megabytes'), each(first, 'megabytes')),
      ];
    }),
  );
}

function sayOf(mark: number, laps: readonly Measures[], { say }: Run): void {
  const rate = Math.round(median(each(laps, 'perSecond'))).toLocaleString('en-GB');
  const megabytes = Math.round(median(each(laps, 'megabytes')));
  say(`${mark / 1e6} million: ${rate} events/s, ${megabytes} MB`);
}
