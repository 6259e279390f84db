import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '../kafka/broker.ts';
import { startGuard } from './guard.ts';
import { freePorts } from './ports.ts';
import { startPostgres } from './postgres.ts';
import { stopAll } from './processes.ts';
import { together } from '#log/together';

/** A broker and a database of one run alone, in a temporary folder and on free ports. */
export interface OwnServers {
  dir: string;
  brokers: string[];
  /** Of PostgreSQL, as its administrator. */
  adminUrl: string;
}

/**
 * Runs `work` on servers of its own, whatever else runs on this machine. They end with it, also when
 * it is killed. `durable`: whether the database survives a crash, at its price.
 */
export async function withOwnServers<T>(
  name: string,
  { durable }: { durable: boolean },
  work: (servers: OwnServers) => Promise<T>,
): Promise<T> {
  const dir = mkdtempSync(join(tmpdir(), `streamside-${name}-`));
  chmodSync(dir, 0o711); // Under root PostgreSQL runs as another user, who has to pass here.
  const guard = startGuard(dir);
  try {
    const [port, controllerPort, postgresPort] = await freePorts(3);
    const [{ brokers }, { adminUrl }] = await together([
      startBroker({ dir: join(dir, 'kafka'), port: port!, controllerPort: controllerPort! }),
      startPostgres({ dir: join(dir, 'postgres'), port: postgresPort!, durable }),
    ]);
    return await work({ dir, brokers, adminUrl });
  } finally {
    await stopAll(dir);
    await guard.dismiss();
    rmSync(dir, { recursive: true, force: true });
  }
}
