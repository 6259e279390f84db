import { spawn } from 'node:child_process';
import { once } from 'node:events';

/**
 * A guard over `dir`: whatever is written down there (`<dir>/<part>/<name>.pid`) ends when the
 * returned function is called, and also when the test is killed. Resolves when all have ended.
 */
export function guarded(dir: string): () => Promise<void> {
  const guard = spawn(process.execPath, ['dist/tools/start/guard.js', dir], {
    detached: true,
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  const ended = once(guard, 'exit');
  return async () => {
    guard.stdin.end();
    await ended;
  };
}
