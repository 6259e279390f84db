import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startGuard } from '../../tools/start/guard.ts';
import { livingPid, writePid } from '../../tools/start/processes.ts';

let dir: string;
let service: ChildProcess;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'streamside-guard-'));
  service = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)']);
});
afterEach(() => {
  service.kill('SIGKILL');
  rmSync(dir, { recursive: true, force: true });
});

it('stops what is written down when it is let go, also for who runs from the sources', async () => {
  const guard = startGuard(dir);
  const pidFile = join(dir, 'services', 'shop.pid');
  writePid(pidFile, service.pid!);
  expect(livingPid(pidFile)).toBe(service.pid);
  await guard.release();
  expect(livingPid(pidFile)).toBeNull();
});

it('is waited for by a process that has nothing else to do', async () => {
  const script = `import { startGuard } from './dist/tools/start/guard.js';
    await startGuard(${JSON.stringify(dir)}).release();
    console.log('All have ended.');`;
  const flags = ['--input-type=module', '--eval', script];
  const { stdout } = await promisify(execFile)(process.execPath, flags);
  expect(stdout).toBe('All have ended.\n');
});
