import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { text } from 'node:stream/consumers';
import { defaultJarsDir } from '../tools/kafka/broker.ts';
import { freePorts } from '../tools/start/ports.ts';
import { writePid } from '../tools/start/processes.ts';
import { compose } from './compose.ts';
import { startGuard } from '../tools/start/guard.ts';

/** Everything `npm start` starts, in a folder and on ports of its own. */
export interface RunningSystem {
  shopUrl: string;
  /** Another replica of the shop, when there are two. */
  secondShopUrl(): string;
  collectorUrl: string;
  brokers: string[];
  /** As the service itself connects to its database. */
  databaseUrl(service: string): string;
  /** The environment that a service's process was started with. */
  environmentOf(service: string): NodeJS.ProcessEnv;
  /** Where its data is: STREAMSIDE_DIR. */
  dir: string;
  /** The process of `shop-1`, `kafka`, `postgres` … as it is now. */
  pidOf(instance: string): number;
  /** What the launcher said. */
  said: string[];
  /** `npm run versions`: what it said. */
  versions(line: string): Promise<string>;
  stop(): Promise<void>;
}

/** What a browser test needs of a system, whoever started it. */
export type Doors = Pick<
  RunningSystem,
  'shopUrl' | 'collectorUrl' | 'brokers' | 'databaseUrl' | 'versions' | 'stop'
> & {
  /** Ends the shop at once; who watches over it starts it again. */
  killShop(): Promise<void>;
};

/** The system in containers that TEST_SYSTEM describes (JSON), or one of our own. */
export async function openSystem(): Promise<Doors> {
  const { TEST_SYSTEM } = process.env;
  if (!TEST_SYSTEM) {
    const system = await startSystem();
    return {
      ...system,
      async killShop() {
        process.kill(system.pidOf('shop-1'), 'SIGKILL');
      },
    };
  }
  const { shopUrl, collectorUrl, brokers, databaseUrls } = JSON.parse(TEST_SYSTEM);
  const databaseUrl = (service: string) => databaseUrls[service];
  return {
    shopUrl,
    collectorUrl,
    brokers,
    databaseUrl,
    // Docker does not start again what was killed by hand.
    async killShop() {
      await compose('restart', '--timeout', '0', 'shop');
    },
    async versions(line) {
      const [verb, application, release] = line.split(' ');
      const container = `${application}-${release}`;
      if (verb === 'start') await compose('--profile', 'v2', 'up', '--wait', container);
      if (verb === 'retire') await compose('stop', container);
      return (await compose('run', '--rm', '-T', 'versions', ...line.split(' '))).stdout;
    },
    stop: async () => undefined,
  };
}

const START_LIMIT_MS = 170_000;

/** Runs the real launcher. Whatever ends the test, also kill -9, ends the system too. */
export async function startSystem(
  args: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<RunningSystem> {
  const outside = mkdtempSync(join(tmpdir(), 'streamside-system-'));
  chmodSync(outside, 0o711); // PostgreSQL may have to run as another user, who has to pass here.
  const dir = join(outside, 'launcher', 'data');
  mkdirSync(dir, { recursive: true });
  symlinkSync(resolve(defaultJarsDir()), join(dir, 'kafka-libs')); // Maven takes seconds.
  const [shop, collector, kafka, postgres] = await freePorts(4);
  const own = {
    ...withoutTestServers(),
    ...env,
    STREAMSIDE_DIR: dir,
    SHOP_PORT: `${shop}`,
    COLLECTOR_PORT: `${collector}`,
    KAFKA_PORT: `${kafka}`,
    POSTGRES_PORT: `${postgres}`,
  };
  const { launcher, stop } = launch(outside, args, own);
  const said: string[] = [];
  const ready = new Promise<boolean>((resolveReady) => {
    for (const stream of [launcher.stdout, launcher.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        said.push(line);
        if (line.startsWith('Ready after')) resolveReady(true);
      });
    }
    launcher.once('exit', () => resolveReady(false));
    setTimeout(() => resolveReady(false), START_LIMIT_MS).unref();
  });
  if (!(await ready)) {
    await stop();
    throw new Error(`The system does not start:\n${said.join('\n')}`);
  }
  return {
    shopUrl: `http://localhost:${shop}`,
    secondShopUrl: () => `http://localhost:${portOf(dir, 'shop-2')}`,
    collectorUrl: `http://localhost:${collector}`,
    brokers: [`127.0.0.1:${kafka}`],
    databaseUrl: (service) => environmentOf(pidIn(dir, `${service}-1`)).DATABASE_URL!,
    environmentOf: (service) => environmentOf(pidIn(dir, `${service}-1`)),
    dir,
    pidOf: (instance) => pidIn(dir, instance),
    said,
    async versions(line) {
      const command = ['tools/versions/launch.mjs', ...line.split(' ')];
      const env = { ...own, KAFKA_BROKERS: `127.0.0.1:${kafka}` };
      return outputOf(command, env);
    },
    stop,
  };
}

/**
 * The launcher watches over what it starts, and a guard over the launcher: when the pipe from us
 * closes, it stops whoever is written down in a folder of `outside`.
 */
function launch(outside: string, args: readonly string[], env: NodeJS.ProcessEnv) {
  const { release } = startGuard(outside);
  const options = ['start', '--no-shoppers', ...args];
  const launcher = spawn(process.execPath, ['tools/start/launch.mjs', ...options], {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  writePid(join(outside, 'launcher', 'launcher.pid'), launcher.pid!);
  const exited = once(launcher, 'exit');
  const stop = async () => {
    if (launcher.kill('SIGTERM')) await exited;
    await release();
    rmSync(outside, { recursive: true, force: true });
  };
  return { launcher, stop };
}

/** What a script says. In a session of its own, as a person's would be in another terminal. */
async function outputOf(command: string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, command, {
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env,
  });
  const exited = once(child, 'exit');
  const [said, complained] = await Promise.all([text(child.stdout), text(child.stderr)]);
  const [code] = await exited;
  if (code === 0) return said;
  throw new Error(`${command.join(' ')} ends with ${code}: ${complained}`);
}

/** The launcher takes these for servers of ours, and settings of Jest are none of its business. */
function withoutTestServers(): NodeJS.ProcessEnv {
  const foreign = new Set(['KAFKA_BROKERS', 'DATABASE_URL', 'NODE_OPTIONS', 'NODE_ENV']);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign.has(name)));
}

function pidIn(dir: string, instance: string): number {
  const folder = instance === 'kafka' || instance === 'postgres' ? instance : 'services';
  return Number.parseInt(readFileSync(join(dir, folder, `${instance}.pid`), 'utf8'), 10);
}

function portOf(dir: string, instance: string): string {
  return environmentOf(pidIn(dir, instance)).PORT!;
}

/** The environment a process was started with. */
function environmentOf(pid: number): Record<string, string | undefined> {
  const lines = readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  return Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
}
