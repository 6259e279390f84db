import { services } from '../../manifest.ts';
import { usualMix } from '../../apps/simulator/src/personas.ts';
import { stopOnce, takeFolder } from '../start/folder.ts';
import { parseOptions } from '../start/options.ts';
import { instancesOf } from '../start/plan.ts';
import { sentenceOf } from '../start/problems.ts';
import { step } from '../start/progress.ts';
import { readSettings } from '../start/settings.ts';
import { System } from '../start/system.ts';
import { help, parseHistoryOptions } from './options.ts';
import type { HistoryOptions } from './options.ts';
import { writeHistory } from './write-history.ts';

const DAY_MS = 24 * 60 * 60_000;
/** What happens meanwhile is not in the past. */
const GAP_MS = 60_000;

/** `npm run history`, once everything is installed and built. */
export async function main(argv: readonly string[]): Promise<void> {
  try {
    const options = parseHistoryOptions(argv);
    if (options.help) return console.log(help);
    await write(options);
  } catch (error) {
    console.error(`\n${sentenceOf(error)}`);
    process.exitCode = 1;
  }
}

async function write(options: HistoryOptions): Promise<void> {
  const settings = readSettings(process.env, services);
  const folder = await takeFolder(settings, [], options);
  const everything = instancesOf(parseOptions(['start'], services), services);
  const system = new System(settings, everything, (line) => console.log(`  ${line}`));
  const stop = stopOnce(system, folder);
  try {
    await system.startServers();
    await system.prepare({ firstFacts: false });
    const { events, sessions, seconds } = await written(options, system);
    const rate = Math.round(events / seconds).toLocaleString('en');
    console.log(
      `\n${events.toLocaleString('en')} events of ${sessions.toLocaleString('en')} visits, ` +
        `${rate} a second. npm start goes on from there.`,
    );
  } catch (error) {
    await stop(error);
    return;
  }
  await stop();
}

async function written(options: HistoryOptions, system: System) {
  const { days, seed, sessionsPerDay, truth: truthFile } = options;
  const until = Date.now() - GAP_MS;
  const from = until - days * DAY_MS;
  const began = performance.now();
  const { brokers, security, urls } = system;
  let said = 0;
  const past = { seed, from, until, sessionsPerDay, mix: usualMix, truthFile };
  const result = await step(
    'history',
    () =>
      writeHistory(past, { brokers, security, urls }, (at, events) => {
        const tenths = Math.floor((10 * (at - from)) / (until - from));
        if (tenths === said || tenths === 10) return;
        said = tenths;
        const day = new Date(at).toISOString().slice(0, 10);
        console.log(
          `  ${`${tenths}0 %`.padStart(14)}   ${day}   ${events.toLocaleString('en')} events`,
        );
      }),
    ({ events }) => `${events.toLocaleString('en')} events`,
  );
  return { ...result, seconds: (performance.now() - began) / 1000 };
}
