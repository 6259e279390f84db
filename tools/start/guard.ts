import { spawn } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopAll, stopPid, writePid } from './processes.ts';

/**
 * The guard is a small process that outlives us by a moment: when we end, however that happens,
 * the pipe between us closes, and it stops everything written down in `dir`.
 */
export function startGuard(dir: string): { dismiss(): Promise<void> } {
  mkdirSync(join(dir, 'guard'), { recursive: true });
  const pidFile = join(dir, 'guard', 'guard.pid');
  const script = fileURLToPath(import.meta.url);
  const small = ['--max-old-space-size=16', '--max-semi-space-size=1'];
  const child = spawn(process.execPath, [...small, script, dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  if (child.pid) writePid(pidFile, child.pid);
  return { dismiss: () => stopPid(pidFile) };
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dir = process.argv[2]!;
  process.stdin.resume().once('end', () => void stopAll(dir));
}
