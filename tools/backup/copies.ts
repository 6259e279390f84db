import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import pg from 'pg';
import { services } from '../../manifest.ts';
import { freePort } from '../start/ports.ts';
import { startPostgres } from '../start/postgres.ts';

/*
 * A log that is newer than the databases is well: readers go on from where they stand in it. So a
 * backup has the databases first, and a restore brings both back before anybody starts.
 */

const DATABASES = ['postgres', 'secrets.json'];
const LOG = ['kafka'];

/** All databases, and the passwords that open them. The servers must have stopped. */
export const saveDatabases = (dir: string, to: string) => copy(DATABASES, dir, to);

/** The log, with its users. The broker must have stopped. */
export const saveLog = (dir: string, to: string) => copy(LOG, dir, to);

/** Puts a backup in the place of what is there. Throws a sentence when it is not whole. */
export async function restore(dir: string, from: string): Promise<void> {
  for (const name of ['postgres', 'kafka']) {
    if (existsSync(join(from, name))) continue;
    throw new Error(`${from} has no folder ${name}, so it is no whole backup: name another.`);
  }
  mkdirSync(dir, { recursive: true });
  await copy([...DATABASES, ...LOG], from, dir);
  await beginNewLanes(dir);
}

/**
 * A database that was put back would number its next events as it did after the backup, and readers
 * would drop them as seen. So its lanes get new names, before anything is written.
 */
async function beginNewLanes(dir: string): Promise<void> {
  const postgres = await startPostgres({ dir: join(dir, 'postgres'), port: await freePort() });
  try {
    for (const { name } of services.filter(({ database }) => database)) {
      const url = new URL(postgres.adminUrl);
      url.pathname = `/${name}`;
      const client = new pg.Client({ connectionString: url.href });
      await client.connect();
      await client.query('update log_incarnation set id = gen_random_uuid()');
      // As if nobody had claimed anything: readers begin where these positions are, not Kafka's.
      await client.query('update log_positions set epoch = 0');
      await client.end();
    }
  } finally {
    await postgres.stop();
  }
}

/** With owners: PostgreSQL may run as another user. */
async function copy(names: readonly string[], from: string, to: string): Promise<void> {
  mkdirSync(to, { recursive: true, mode: 0o711 });
  for (const name of names.filter((each) => existsSync(join(from, each)))) {
    rmSync(join(to, name), { recursive: true, force: true });
    await promisify(execFile)('cp', ['-a', join(from, name), join(to, name)]);
  }
}
