import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { writePid } from '../../tools/start/processes.ts';
import { startGuard } from '../../tools/start/guard.ts';

/** What one machine stands while other suites run beside it; `npm run chaos` has the rest. */
const RATE = '6';
const FAULTS = 'kill,kill-two,kill-postgres,cut,malformed,redeliver';
const SEED = process.env.SEED ?? '7';

test(`a minute of chaos, seed ${SEED}, leaves nothing wrong on the log`, async () => {
  const dir = mkdtempSync(join(tmpdir(), 'streamside-chaos-test-'));
  mkdirSync(join(dir, 'chaos'));
  const { release } = startGuard(dir);
  try {
    const args = ['--seed', SEED, '--minutes', '1', '--rate', RATE, '--faults', FAULTS];
    const chaos = spawn(process.execPath, ['tools/chaos/launch.mjs', ...args], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    writePid(join(dir, 'chaos', 'chaos.pid'), chaos.pid!);
    const ended = once(chaos, 'exit');
    const [said, complained] = await Promise.all([text(chaos.stdout), text(chaos.stderr)]);
    const [exitCode] = await ended;
    const report = exitCode === 0 ? '' : said + complained;
    expect({ exitCode, report }).toEqual({ exitCode: 0, report: '' });
    expect(said).toMatch(/ [1-9]\d* checkouts accepted of /);
  } finally {
    await release();
    rmSync(dir, { recursive: true, force: true });
  }
}, 360_000);
