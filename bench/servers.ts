import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopics } from '#log/topics';
import { startBroker } from '../tools/kafka/broker.ts';
import { ensureDatabases } from '../tools/start/databases.ts';
import { startGuard } from '../tools/start/guard.ts';
import { freePorts } from '../tools/start/ports.ts';
import { startPostgres } from '../tools/start/postgres.ts';
import { stopAll } from '../tools/start/processes.ts';
import { together } from '../tools/start/together.ts';

/** A broker with our topics and a durable database, of this run alone. */
export interface Servers {
  dir: string;
  brokers: string[];
  databaseUrl: string;
}

/** Runs `work` on servers of its own; they end with it, also when it is killed. */
export async function withServers<T>(work: (servers: Servers) => Promise<T>): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), 'streamside-bench-'));
  chmodSync(dir, 0o711); // Under root PostgreSQL runs as another user, who has to pass here.
  const guard = startGuard(dir);
  try {
    return await work(await start(dir));
  } finally {
    await stopAll(dir);
    await guard.dismiss();
    rmSync(dir, { recursive: true, force: true });
  }
}

async function start(dir: string): Promise<Servers> {
  const [port, controllerPort, postgresPort] = await freePorts(3);
  const [{ brokers }, { adminUrl }] = await together([
    startBroker({ dir: join(dir, 'kafka'), port: port!, controllerPort: controllerPort! }),
    startPostgres({ dir: join(dir, 'postgres'), port: postgresPort! }),
  ]);
  const { urls } = await ensureDatabases(adminUrl, ['bench'], () => 'bench');
  await createTopics(brokers);
  return { dir, brokers, databaseUrl: urls.bench! };
}
