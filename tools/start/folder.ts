import { existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { services } from '../../manifest.ts';
import { startGuard, waitForGuard } from './guard.ts';
import { checkDisk, checkPorts, sentenceOf } from './problems.ts';
import { livingPid, stopAll, writePid } from './processes.ts';
import { portsToBind } from './settings.ts';
import type { Settings } from './settings.ts';
import type { System } from './system.ts';

/** The folder of a system, while one process alone works with it. */
export interface Folder {
  /** A sentence if somebody has deleted it. */
  problem(): string | null;
  release(): Promise<void>;
}

/**
 * Takes the folder and the ports of a system. Throws a sentence when a system runs there, or something
 * else is in the way. `fresh`: forgets the data first.
 */
export async function takeFolder(
  settings: Settings,
  names: readonly string[],
  { fresh }: { fresh: boolean },
): Promise<Folder> {
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
  if (fresh) forget(dir);
  await checkPorts(portsToBind(settings, names, services));
  const guard = startGuard(resolve(dir));
  return {
    problem() {
      if (existsSync(lock)) return null;
      return `The folder ${dir} is gone, and all data with it: start again, from nothing.`;
    },
    async release() {
      await guard.dismiss();
      rmSync(lock, { force: true });
    },
  };
}

/** Whatever comes first, a signal or an error, stops everything, once. */
export function stopOnce(system: Pick<System, 'stop'>, folder: Folder) {
  let stopping: Promise<void> | undefined;
  const stop = (error?: unknown) =>
    (stopping ??= (async () => {
      // Whatever fails first when its folder is deleted, that is why.
      if (error) console.error(`\n${folder.problem() ?? sentenceOf(error)}`);
      else console.log('\nStopping …');
      await system.stop();
      await folder.release();
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
