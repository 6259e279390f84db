import { nodeFlags } from '../tools/start/service-process.ts';
import type { Result } from './figures.ts';
import { resultOf } from './report.ts';
import type { Run } from './rounds.ts';
import type { Measures } from './serve.ts';
import { withServers } from './servers.ts';
import { withSides } from './side.ts';

/** Read before anything is measured, and again before each mark: what is timed waits on the log. */
const LAP = 100_000;
/** The last of a lap are timed; its first find the process just started. */
const TIMED = 80_000;

/** Whether a processor becomes slower or larger with what it has read. */
export function growth(run: Run): Promise<Result[]> {
  const marks = run.quick ? [LAP, 1_000_000] : [LAP, 1_000_000, 10_000_000];
  return withServers((servers) =>
    withSides(async (start) => {
      const fill = await start('fill', servers);
      const processor = await start('process-on', servers, { nodeFlags });
      const at: Measures[] = [];
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
        await fill.round({ count: LAP });
        filled += LAP;
        at.push(await processor.round({ upTo: filled, timed: TIMED }));
        sayOf(mark, at.at(-1)!, run);
      }
      const [first, last] = [at[0]!, at.at(-1)!];
      return [
        resultOf('growth-rate', [last.perSecond!], [first.perSecond!]),
        resultOf('growth-memory', [last.megabytes!], [first.megabytes!]),
      ];
    }),
  );
}

function sayOf(mark: number, { perSecond, megabytes }: Measures, { say }: Run): void {
  const rate = Math.round(perSecond!).toLocaleString('en-GB');
  say(`${mark / 1e6} million: ${rate} events/s, ${Math.round(megabytes!)} MB`);
}
