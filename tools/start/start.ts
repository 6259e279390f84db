import { join, resolve } from 'node:path';
import { services } from '../../manifest.ts';
import { stopOnce, takeFolder } from './folder.ts';
import { memoryTable } from './memory.ts';
import { help, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { chosen, instancesOf } from './plan.ts';
import { sentenceOf } from './problems.ts';
import { table } from './progress.ts';
import { followRunning, readRunning } from './running.ts';
import { readSettings } from './settings.ts';
import type { Settings } from './settings.ts';
import { System } from './system.ts';
import { watch } from './watch.ts';

/** `npm start` and `npm run dev`, once everything is installed and built. */
export async function main(argv: readonly string[], began: number): Promise<void> {
  try {
    const options = parseOptions(argv, services);
    const settings = readSettings(process.env, services);
    if (options.help) return console.log(help);
    if (options.stats) return console.log(memoryTable(settings.dir));
    // Services are started with this environment.
    if (options.truth) process.env.TRUTH_FILE = resolve(options.truth);
    await start(options, settings, began);
  } catch (error) {
    console.error(`\n${sentenceOf(error)}`);
    process.exitCode = 1;
  }
}

async function start(options: Options, settings: Settings, began: number): Promise<void> {
  const { dir } = settings;
  const names = chosen(options, services).map(({ name }) => name);
  const folder = await takeFolder(settings, names, options);
  const say = (line: string) => console.log(`  ${new Date().toTimeString().slice(0, 8)} ${line}`);
  const instances = () => instancesOf(options, services, readRunning(dir));
  const system = new System(settings, instances(), say);
  const stop = stopOnce(system, folder);
  try {
    await system.start();
  } catch (error) {
    await stop(error);
    return;
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`\n${addresses(settings, names)}\n`);
  console.log(`Ready after ${seconds} s. Ctrl-C stops everything; the data stays in ${dir}.`);
  followRunning(dir, () => system.follow(instances()), say);
  if (options.mode === 'dev') watch(system, dir, say);
}

function addresses(settings: Settings, names: readonly string[]): string {
  const { servicePorts, kafkaBrokers, kafkaPort, kafkaSasl, databaseUrl, postgresPort, dir } =
    settings;
  const doors = services.filter(({ name }) => names.includes(name) && name in servicePorts);
  return table([
    ...doors.map(({ name, does }) => [name, `http://localhost:${servicePorts[name]}`, does]),
    [
      'Kafka',
      kafkaBrokers?.join(',') ?? `127.0.0.1:${kafkaPort}`,
      `the log: ${kafkaSasl ? 'KAFKA_SASL=1 ' : ''}npm run tail -- visitors`,
    ],
    [
      'PostgreSQL',
      databaseUrl ? new URL(databaseUrl).host : `127.0.0.1:${postgresPort}`,
      'the state of each service',
    ],
    ['logs', join(dir, 'logs'), ''],
  ]);
}
