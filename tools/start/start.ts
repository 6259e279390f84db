import { mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { services } from '../../manifest.ts';
import { startGuard, waitForGuard } from './guard.ts';
import { memoryTable } from './memory.ts';
import { help, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { chosen, instancesOf } from './plan.ts';
import { checkDisk, checkPorts, sentenceOf } from './problems.ts';
import { livingPid, stopAll, writePid } from './processes.ts';
import { table } from './progress.ts';
import { portsToBind, readSettings } from './settings.ts';
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
    await start(options, settings, began);
  } catch (error) {
    console.error(`\n${sentenceOf(error)}`);
    process.exitCode = 1;
  }
}

async function start(options: Options, settings: Settings, began: number): Promise<void> {
  const { dir } = settings;
  const lock = join(dir, 'launcher.pid');
  mkdirSync(dir, { recursive: true });
  const other = livingPid(lock);
  if (other !== null) {
    throw new Error(
      `Streamside already runs here (process ${other}): stop it with Ctrl-C where it was ` +
        `started or with kill ${other}, or set STREAMSIDE_DIR and other ports for a second one.`,
    );
  }
  writePid(lock, process.pid);
  checkDisk(dir);
  await waitForGuard(dir);
  const leftovers = await stopAll(dir);
  if (leftovers > 0) console.log(`  ${leftovers} processes of an earlier start stopped`);
  if (options.fresh) forget(dir);
  const names = chosen(options, services).map(({ name }) => name);
  await checkPorts(portsToBind(settings, names, services));

  const say = (line: string) => console.log(`  ${new Date().toTimeString().slice(0, 8)} ${line}`);
  const guard = startGuard(resolve(dir));
  const system = new System(settings, instancesOf(options, services), say);
  const stop = stopOnce(system, guard, lock);
  try {
    await system.start();
  } catch (error) {
    await stop(error);
    return;
  }
  const seconds = ((Date.now() - began) / 1000).toFixed(1);
  console.log(`\n${addresses(settings, names)}\n`);
  console.log(`Ready after ${seconds} s. Ctrl-C stops everything; the data stays in ${dir}.`);
  if (options.mode === 'dev') watch(system, dir, say);
}

/** Whatever comes first, a signal or an error, stops everything, once. */
function stopOnce(system: System, guard: { dismiss(): Promise<void> }, lock: string) {
  let stopping: Promise<void> | undefined;
  const stop = (error?: unknown) =>
    (stopping ??= (async () => {
      if (error) console.error(`\n${sentenceOf(error)}`);
      else console.log('\nStopping …');
      await system.stop();
      await guard.dismiss();
      rmSync(lock, { force: true });
      if (!error) console.log('Stopped.');
      process.exit(error ? 1 : 0);
    })());
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => void stop());
  }
  process.on('uncaughtException', (error) => void stop(error));
  process.on('unhandledRejection', (error) => void stop(error));
  return stop;
}

/** Forgets the data, but not the broker's jars: they are the same for everyone. */
function forget(dir: string): void {
  const kept = ['kafka-libs', 'launcher.pid'];
  for (const name of readdirSync(dir)) {
    if (!kept.includes(name)) rmSync(join(dir, name), { recursive: true, force: true });
  }
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
