import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stopAll, stopPid, writePid } from './processes.ts';

/** Not in a folder of its own, so that the guard does not stop itself. */
const guardFile = 'guard.pid';

interface Guard {
  /** Ends the guard, and nothing else. */
  dismiss(): Promise<void>;
  /** Has it stop everything now; resolves when all have ended. */
  release(): Promise<void>;
}

/**
 * The guard is a small process that outlives us by a moment: when we end, however that happens,
 * the pipe between us closes, and it stops everything written down in `dir`.
 */
export function startGuard(dir: string): Guard {
  const pidFile = join(dir, guardFile);
  // Not this module: tests run it as TypeScript, which Node does not.
  const script = resolve('dist/tools/start/guard.js');
  const small = ['--max-old-space-size=16', '--max-semi-space-size=1'];
  const child = spawn(process.execPath, [...small, script, dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  child.unref();
  if (child.pid) writePid(pidFile, child.pid);
  const ended = once(child, 'exit');
  return {
    dismiss: () => stopPid(pidFile),
    async release() {
      child.ref(); // Who has nothing else to do waits for it all the same.
      child.stdin!.end();
      await ended;
    },
  };
}

/** Waits for the guard of a launcher that was killed: it is still stopping what that had started. */
export async function waitForGuard(dir: string): Promise<void> {
  await stopPid(join(dir, guardFile), { signal: null, patienceMs: 15_000 });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const dir = process.argv[2]!;
  process.stdin.resume().once('end', () => void stopAll(dir));
}
