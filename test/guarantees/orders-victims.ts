import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { freePort } from '../../tools/start/ports.ts';
import { writePid } from '../../tools/start/processes.ts';
import type { System } from './orders-system.ts';

/** How a process ends: the n-th time it passes a crash point, or so long after it is ready. */
export type Death =
  | { point: 'committed' | 'published'; passing: number }
  | { point: 'anywhere'; afterMs: number };

/** A process that does not come to its point in time is killed where it is. */
const PATIENCE_MS = 15_000;
/** Each leader of a group that dies in the middle of a round costs a session timeout of 6 s. */
const READY_MS = 90_000;
/** As the launcher starts services. */
const nodeFlags = ['--max-old-space-size=64', '--max-semi-space-size=1'];

/**
 * Runs one replica of a service after the other, and each ends with -9 as its death says. The next
 * takes its place at once; the last one lives. `onDeath` hears where each died.
 */
export async function killOneByOne(
  system: System,
  service: string,
  place: string,
  deaths: readonly Death[],
  onDeath: (point: Death['point']) => void,
): Promise<void> {
  for (const [life, death] of deaths.entries()) {
    if (system.isStopping) return;
    onDeath(await liveAndDie(system, service, `${service}-${place}-${life}`, death));
  }
  await start(system, service, `${service}-${place}-last`, {});
}

/** Where processes died by themselves, as they wrote it down: `committed ordering-a-3`. */
export function deathsWrittenDown({ dir }: System): { point: string; service: string }[] {
  const lines = readFileSync(crashLog(dir), 'utf8').trim().split('\n');
  return lines.map((line) => {
    const [point = '', instance = ''] = line.split(' ');
    return { point, service: instance.split('-')[0]! };
  });
}

async function liveAndDie(
  system: System,
  service: string,
  instance: string,
  death: Death,
): Promise<Death['point']> {
  const atPoint = death.point !== 'anywhere';
  const env = { CRASH_LOG: crashLog(system.dir) };
  const { child, port, logFile } = await start(system, service, instance, {
    ...env,
    ...(atPoint && { CRASH_AT: `${death.point}:${death.passing}` }),
  });
  const ended = once(child, 'exit').then(([code]: (number | null)[]) => {
    if (code === null || system.isStopping) return;
    const words = readFileSync(logFile, 'utf8').trim().split('\n').at(-1);
    throw new Error(`${instance} ended by itself: ${words}`);
  });
  const ready = isReady(port, child);
  await Promise.race([ended, ready]);
  const waitMs = atPoint ? PATIENCE_MS : death.afterMs;
  const waiting = new AbortController();
  const patience = pause(waitMs, true, { signal: waiting.signal }).catch(() => false);
  const stayed = await Promise.race([ended.then(() => false), patience]);
  waiting.abort();
  if (stayed) child.kill('SIGKILL');
  await ended;
  return stayed ? 'anywhere' : death.point;
}

async function start(
  { dir, brokers, urls }: System,
  service: string,
  instance: string,
  env: Record<string, string>,
): Promise<{ child: ChildProcess; port: number; logFile: string }> {
  const port = await freePort();
  const folder = join(dir, 'services');
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, `${instance}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...nodeFlags, `dist/apps/${service}/src/main.js`], {
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      KAFKA_BROKERS: brokers.join(','),
      DATABASE_URL: urls[service],
      PORT: `${port}`,
      COLLECTOR_URL: 'http://127.0.0.1:9', // The shop names it to browsers; there is none here.
      SERVICE_INSTANCE: instance,
      ...env,
    },
  });
  closeSync(log);
  writePid(join(folder, `${instance}.pid`), child.pid!);
  return { child, port, logFile };
}

/** Resolves when the process has its partitions, or has ended. */
async function isReady(port: number, child: ChildProcess): Promise<void> {
  const limit = Date.now() + READY_MS;
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(`http://127.0.0.1:${port}/readyz`).catch(() => null);
    await answer?.body?.cancel();
    if (answer?.status === 200) return;
    if (Date.now() > limit) throw new Error(`Not ready in ${READY_MS} ms: port ${port}`);
    await pause(50);
  }
}

function crashLog(dir: string): string {
  return join(dir, 'services', 'crashes');
}
