import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { startService } from './orders-system.ts';
import type { System } from './orders-system.ts';

/** How a process ends: the n-th time it passes a crash point, or so long after it is ready. */
export type Death =
  | { point: 'committed' | 'published'; passing: number }
  | { point: 'anywhere'; afterMs: number };

/** A process that does not come to its point in time is killed where it is. */
const PATIENCE_MS = 15_000;
/** Each leader of a group that dies in the middle of a round costs a session timeout of 6 s. */
const READY_MS = 90_000;

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
  await startService(system, service, `${service}-${place}-last`, {});
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
  const { child, port, logFile } = await startService(system, service, instance, {
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
