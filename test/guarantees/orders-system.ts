import { execFile, spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, closeSync, mkdirSync, mkdtempSync, openSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startBroker } from '../../tools/kafka/broker.ts';
import type { Broker } from '../../tools/kafka/broker.ts';
import { ensureDatabases } from '../../tools/start/databases.ts';
import type { DatabaseUrls } from '../../tools/start/databases.ts';
import { freePort, freePorts } from '../../tools/start/ports.ts';
import { startPostgres } from '../../tools/start/postgres.ts';
import type { Postgres } from '../../tools/start/postgres.ts';
import { writePid } from '../../tools/start/processes.ts';
import { nodeFlags } from '../../tools/start/service-process.ts';
import { startGuard } from '../../tools/start/guard.ts';

/** A log and databases of this test alone: topic names are fixed, so it cannot share them. */
export interface System {
  dir: string;
  brokers: string[];
  urls: DatabaseUrls;
  broker: Broker;
  postgres: Postgres;
  /** Is set by `stop`: nobody starts or restarts anything then. */
  isStopping: boolean;
  stop(): Promise<void>;
}

export async function startSystem(services: readonly string[]): Promise<System> {
  const dir = mkdtempSync(join(tmpdir(), 'streamside-orders-'));
  chmodSync(dir, 0o755); // PostgreSQL may have to run as another user, who must get in.
  const { release } = startGuard(dir);
  const stopAll = async () => {
    await release();
    rmSync(dir, { recursive: true, force: true });
  };
  try {
    const [port = 0, controllerPort = 0, postgresPort = 0] = await freePorts(3);
    const [broker, postgres] = await Promise.all([
      startBroker({ dir: join(dir, 'kafka'), port, controllerPort }),
      startPostgres({ dir: join(dir, 'postgres'), port: postgresPort, durable: false }),
    ]);
    const { urls } = await ensureDatabases(postgres.adminUrl, services, () => 'secret');
    await prepare(broker.brokers, urls);
    const stop = () => {
      system.isStopping = true;
      return stopAll();
    };
    const { brokers } = broker;
    const system: System = { dir, brokers, urls, broker, postgres, isStopping: false, stop };
    return system;
  } catch (error) {
    await stopAll();
    throw error;
  }
}

/** Topics, tables and first facts, as a start makes them. */
async function prepare(brokers: string[], urls: DatabaseUrls): Promise<void> {
  await promisify(execFile)(process.execPath, ['--no-warnings', 'dist/services/prepare.js'], {
    env: { ...process.env, KAFKA_BROKERS: brokers.join(','), DATABASE_URLS: JSON.stringify(urls) },
  });
}

/** Runs one replica of a service, as the launcher does; `stop` of the system ends it. */
export async function startService(
  { dir, brokers, urls }: System,
  service: string,
  instance: string,
  env: Record<string, string>,
): Promise<{ child: ChildProcess; port: number; logFile: string }> {
  const port = await freePort();
  const folder = join(dir, 'services');
  mkdirSync(folder, { recursive: true });
  const logFile = join(folder, `${instance}.log`);
  const log = openSync(logFile, 'a');
  const child = spawn(process.execPath, [...nodeFlags, `dist/services/${service}.js`], {
    stdio: ['ignore', log, log],
    env: {
      PATH: process.env.PATH,
      KAFKA_BROKERS: brokers.join(','),
      DATABASE_URL: urls[service],
      PORT: `${port}`,
      COLLECTOR_URL: 'http://127.0.0.1:9', // The shop names it to browsers; there is none here.
      SERVICE_INSTANCE: instance,
      ...env,
    },
  });
  closeSync(log);
  writePid(join(folder, `${instance}.pid`), child.pid!);
  return { child, port, logFile };
}
