import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { defaultJarsDir } from '../kafka/broker.ts';
import { startGuard } from '../start/guard.ts';
import { freePorts } from '../start/ports.ts';
import { stopAll, writePid } from '../start/processes.ts';
import { step } from '../start/progress.ts';

export interface OwnShop {
  shopUrl: string;
  simulatorUrl: string;
}

const PAST = ['--days', '2', '--sessions-per-day', '300'];

/** Runs `work` on a retailer of its own that has a past, and ends it, also when this is killed. */
export async function withOwnShop(work: (shop: OwnShop) => Promise<void>): Promise<void> {
  const outside = mkdtempSync(join(tmpdir(), 'streamside-screenshots-'));
  chmodSync(outside, 0o711); // Under root PostgreSQL runs as another user, who has to pass here.
  const dir = join(outside, 'launcher', 'data');
  mkdirSync(dir, { recursive: true });
  symlinkSync(resolve(defaultJarsDir()), join(dir, 'kafka-libs'));
  const [shop, collector, simulator, kafka, postgres] = await freePorts(5);
  const env = {
    ...process.env,
    STREAMSIDE_DIR: dir,
    SHOP_PORT: `${shop}`,
    COLLECTOR_PORT: `${collector}`,
    SIMULATOR_PORT: `${simulator}`,
    KAFKA_PORT: `${kafka}`,
    POSTGRES_PORT: `${postgres}`,
    SESSIONS_PER_SECOND: '0',
  };
  const guard = startGuard(outside);
  try {
    await step('history', () => run(outside, env, ['tools/history/launch.mjs', ...PAST], 'exit'));
    await step('shop', () => run(outside, env, ['tools/start/launch.mjs', 'start'], /Ready after/));
    await work({
      shopUrl: `http://localhost:${shop}`,
      simulatorUrl: `http://localhost:${simulator}`,
    });
  } finally {
    await stopAll(outside);
    await guard.dismiss();
    rmSync(outside, { recursive: true, force: true });
  }
}

/** Resolves when it has ended well, or has said so. Throws what it said when it ends otherwise. */
function run(
  outside: string,
  env: NodeJS.ProcessEnv,
  script: readonly string[],
  until: 'exit' | RegExp,
): Promise<void> {
  const child = spawn(process.execPath, script, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  writePid(join(outside, 'launcher', 'launcher.pid'), child.pid!);
  return new Promise((done, failed) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => {
        said = (said + chunk).slice(-4_000);
        if (until !== 'exit' && until.test(said)) done();
      });
    }
    child.once('exit', (code) => {
      if (code === 0 && until === 'exit') done();
      else failed(new Error(said.trim().split('\n').at(-1) || `${script[0]} ended (${code}).`));
    });
  });
}
