import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import type { Dirent } from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/**
 * Every process we start is written down as `<name>.pid`: its pid and when that process began.
 * A pid alone is recycled by the system; with its beginning it names one process for ever, so
 * that nobody else's process is ever killed.
 */
export type Birth = (pid: number) => string | null;

/** When the process began, as a text to compare; null if there is no such process. */
export const birthOf: Birth = (pid) => {
  try {
    if (process.platform !== 'linux') {
      const said = execFileSync('ps', ['-o', 'lstart=', '-p', `${pid}`], { stdio: 'pipe' });
      return said.toString().trim() || null;
    }
    // The name in field 2 may hold spaces, so count from its closing bracket.
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    return `${boot}/${fields[19]}`;
  } catch {
    return null;
  }
};

/** What this process wrote down: it finds whom it started also when somebody deletes the folder. */
const written = new Map<string, string>();

export function writePid(file: string, pid: number, birth = birthOf): void {
  const line = `${pid} ${birth(pid) ?? 'gone'}\n`;
  written.set(resolve(file), line);
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, line);
}

/** The pid in the file, if that very process still lives. */
export function livingPid(file: string, birth = birthOf): number | null {
  const line = existsSync(file) ? readFileSync(file, 'utf8') : written.get(resolve(file));
  const [, pid, born] = /^(\d+) (.+)$/m.exec(line ?? '') ?? [];
  return born && birth(Number(pid)) === born ? Number(pid) : null;
}

/**
 * Asks the process to end (null: it does so anyway), and ends it if it has not in time. With
 * `group`, its children as well: the compiler is a process that starts another.
 */
export async function stopPid(
  file: string,
  { signal = 'SIGTERM' as NodeJS.Signals | null, patienceMs = 4_000, group = false } = {},
): Promise<void> {
  const pid = livingPid(file);
  if (pid !== null) {
    if (signal) send(pid, signal, group);
    const deadline = Date.now() + patienceMs;
    while (livingPid(file) === pid && Date.now() < deadline) await pause(25);
    if (livingPid(file) === pid) send(pid, 'SIGKILL', group);
    while (livingPid(file) === pid) await pause(25);
  }
  rmSync(file, { force: true });
  written.delete(resolve(file));
}

/** To the process, or to the group it leads when it leads one. */
function send(pid: number, signal: NodeJS.Signals, group: boolean): void {
  if (group && kill(-pid, signal)) return;
  kill(pid, signal);
}

function kill(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal);
  } catch {
    return false; // It ended by itself between the look and the signal, or leads no group.
  }
}

/** The pid files of a system: `<dir>/<part>/<name>.pid`. */
export function pidFiles(dir: string): string[] {
  const parts = readdirIn(dir).filter((entry) => entry.isDirectory());
  const found = parts.flatMap(({ name }) =>
    readdirIn(join(dir, name)).map((entry) => resolve(dir, name, entry.name)),
  );
  const own = [...written.keys()].filter((file) => dirname(dirname(file)) === resolve(dir));
  return [...new Set([...found.filter((file) => file.endsWith('.pid')), ...own])];
}

function readdirIn(dir: string): Dirent[] {
  try {
    return readdirSync(dir, { withFileTypes: true });
  } catch {
    return []; // It is gone, or PostgreSQL's own, which is closed to others.
  }
}

/** Stops what is written down in `dir`: services first, then what they stand on. */
export async function stopAll(dir: string): Promise<number> {
  const files = pidFiles(dir);
  const living = files.filter((file) => livingPid(file) !== null).length;
  const isServer = (file: string) => ['kafka.pid', 'postgres.pid'].includes(basename(file));
  const others = files.filter((file) => !isServer(file));
  await Promise.all(others.map((file) => stopPid(file, { group: true })));
  await Promise.all(files.filter(isServer).map((file) => stopPid(file, stopOf(file))));
  return living;
}

/** PostgreSQL waits for its clients on SIGTERM; SIGINT is its fast, clean stop. */
function stopOf(file: string) {
  return basename(file) === 'postgres.pid' ? { signal: 'SIGINT' as const } : {};
}
