import { readFileSync, readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { livingPid, pidFiles } from './processes.ts';
import { table } from './progress.ts';

/**
 * The memory of the system that runs in `dir`, as a table: proportional set size, in which what
 * several processes share is counted once.
 */
export function memoryTable(dir: string): string {
  if (process.platform !== 'linux') throw new Error('--stats reads /proc, so it needs Linux.');
  const files = [join(dir, 'launcher.pid'), join(dir, 'guard.pid'), ...pidFiles(dir)];
  const rows = files.flatMap((file) => {
    const pid = livingPid(file);
    return pid === null ? [] : [{ name: basename(file, '.pid'), kb: sizeKb(pid) }];
  });
  if (rows.length === 0) throw new Error(`Nothing runs in ${dir}: npm start starts it.`);
  const postgres = livingPid(join(dir, 'postgres', 'postgres.pid'));
  // PostgreSQL is a process for each connection, the children of the one we started.
  const connections = postgres === null ? 0 : sum(childrenOf(postgres).map(sizeKb));
  const all = [...rows, { name: 'connections', kb: connections }];
  const megabytes = (kb: number) => `${Math.round(kb / 1024)} MB`.padStart(8);
  return table([
    ...all.map(({ name, kb }) => [name, megabytes(kb)]),
    ['together', megabytes(sum(all.map(({ kb }) => kb)))],
  ]);
}

const sum = (numbers: number[]) => numbers.reduce((a, b) => a + b, 0);

function sizeKb(pid: number): number {
  try {
    const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8');
    return Number(/^Pss:\s+(\d+) kB$/m.exec(rollup)?.[1] ?? 0);
  } catch {
    return 0; // It has just ended.
  }
}

function childrenOf(parent: number): number[] {
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.map(Number).filter((pid) => parentOf(pid) === parent);
}

function parentOf(pid: number): number | null {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8');
    return Number(/^PPid:\s+(\d+)$/m.exec(status)?.[1]);
  } catch {
    return null;
  }
}
