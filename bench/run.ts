import { append } from './append.ts';
import { collector } from './collector.ts';
import type { Result } from './figures.ts';
import { growth } from './growth.ts';
import { loop } from './loop.ts';
import { help, parseOptions } from './options.ts';
import { processor } from './processor.ts';
import { read } from './read.ts';
import { advice, keep, resultTable } from './report.ts';
import type { Run } from './rounds.ts';
import { PROFILES } from './side.ts';
import { switching } from './switching.ts';
import { versions } from './versions.ts';

const all: Record<string, (run: Run) => Promise<Result[]>> = {
  read,
  processor,
  append,
  collector,
  loop,
  growth,
  versions,
  switching,
};

/** `npm run bench`, once everything is installed and built. Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const { chosen, quick, profile, help: isAsked } = parseOptions(argv);
    if (isAsked) {
      console.log(help);
      return 0;
    }
    if (profile) process.env.BENCH_PROFILE = 'yes';
    const results: Result[] = [];
    for (const name of chosen) {
      console.log(`\n${name}`);
      const began = performance.now();
      const say = (line: string) => console.log(`  ${secondsSince(began)} s   ${line}`);
      const measured = await all[name]!({ quick, say });
      if (!profile && !quick) keep(measured);
      results.push(...measured);
    }
    console.log(
      `\n${resultTable(results)}\n\n${profile ? `The profiles are in ${PROFILES}: open them in the developer tools of a browser.` : advice(results)}`,
    );
    return 0;
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    return 1;
  }
}

const secondsSince = (began: number) => ((performance.now() - began) / 1000).toFixed(0).padStart(3);
