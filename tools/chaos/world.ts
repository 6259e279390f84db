import { chmodSync, mkdirSync, mkdtempSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import pg from 'pg';
import { connectKafka } from '#log/kafka';
import type { Kafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import { services } from '../../manifest.ts';
import { defaultJarsDir, startBrokers } from '../kafka/broker.ts';
import type { Broker, NodeSettings } from '../kafka/broker.ts';
import { startGuard } from '../start/guard.ts';
import { parseOptions } from '../start/options.ts';
import { instancesOf } from '../start/plan.ts';
import { freePorts } from '../start/ports.ts';
import { startPostgres } from '../start/postgres.ts';
import type { Postgres } from '../start/postgres.ts';
import { livingPid, stopAll } from '../start/processes.ts';
import { openSecrets } from '../start/secrets.ts';
import { System } from '../start/system.ts';
import { together } from '#log/together';
import { kafkaClient, postgresUser, Proxy } from './proxy.ts';
import { makeRoom } from './room.ts';
import type { Room } from './room.ts';

/** A Streamside of our own, with a hand on everything in it. */
export interface World {
  dir: string;
  system: System;
  brokers: Broker[];
  /** Where the brokers are reached. */
  addresses: string[];
  postgres: Postgres;
  /** Between services and the log, and their databases; each knows who speaks by service name. */
  lines: { log: Proxy[]; database: Proxy };
  /** The folder of each broker's data; none where a small disk cannot be mounted. */
  rooms: Room[];
  kafka: Kafka;
  shopUrl: string;
  collectorUrl: string;
  deliveriesSecret: string;
  /** The folder of the files that put clocks wrong, by instance. */
  clocks: string;
  /** Opens everything, past the proxy. */
  adminUrl: string;
  pidOf(instance: string): number | null;
  databaseOf(service: string): Promise<pg.Client>;
  stop(): Promise<void>;
}

/** Starts everything but the simulator: the driver shops instead. */
export async function startWorld(count: 1 | 3, say: (line: string) => void): Promise<World> {
  const dir = mkdtempSync(join(tmpdir(), 'streamside-chaos-'));
  chmodSync(dir, 0o711); // Under root PostgreSQL runs as another user, who has to pass here.
  symlinkSync(resolve(defaultJarsDir()), join(dir, 'kafka-libs'));
  const clocks = join(dir, 'clocks');
  mkdirSync(clocks);
  const guard = startGuard(dir);
  const folders = foldersIn(dir, count);
  const rooms = folders.flatMap((folder) => makeRoom(join(folder, 'data')) ?? []);
  const started: { system?: System; proxies: Proxy[] } = { proxies: [] };
  const stop = async () => {
    await started.system?.stop();
    await stopAll(dir);
    for (const proxy of started.proxies) proxy.close();
    await guard.dismiss();
    for (const room of rooms) room.giveBack();
  };
  try {
    const [shop, collector] = (await freePorts(2)) as [number, number];
    const servers = await startServers(dir, folders, started.proxies);
    loadClocks(clocks);
    const settings = {
      dir,
      kafkaPort: 0,
      postgresPort: 0,
      servicePorts: { shop, collector },
      kafkaBrokers: servers.addresses,
      kafkaSasl: false,
      kafkaLogin: {},
      databaseUrl: servers.proxiedUrl,
    };
    const options = parseOptions(['start', '--no-shoppers'], services);
    const system = new System(settings, instancesOf(options, services), say);
    started.system = system;
    await system.start();
    const { adminUrl } = servers.postgres;
    return {
      ...servers,
      dir,
      system,
      rooms,
      kafka: connectKafka(servers.addresses, 'chaos', silent),
      shopUrl: `http://127.0.0.1:${shop}`,
      collectorUrl: `http://127.0.0.1:${collector}`,
      deliveriesSecret: openSecrets(dir)('deliveries'),
      clocks,
      adminUrl,
      pidOf: (instance) => livingPid(join(dir, 'services', `${instance}.pid`)),
      databaseOf: (service) => connectTo(adminUrl, service),
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

function foldersIn(dir: string, count: number): string[] {
  if (count === 1) return [join(dir, 'kafka')];
  return Array.from({ length: count }, (_, i) => join(dir, `kafka-${i + 1}`));
}

/** The brokers and PostgreSQL, each behind a proxy; `proxies` takes them as they open. */
async function startServers(dir: string, folders: string[], proxies: Proxy[]) {
  const [port, proxyPort, ...ports] = (await freePorts(2 + 3 * folders.length)) as [
    number,
    number,
    ...number[],
  ];
  const open = async (...args: Parameters<typeof Proxy.open>) => {
    const proxy = await Proxy.open(...args);
    proxies.push(proxy);
    return proxy;
  };
  const log = await Promise.all(
    folders.map((_, i) => open(ports[3 * i]!, ports[3 * i + 1]!, kafkaClient)),
  );
  const database = await open(proxyPort, port, postgresUser);
  const [brokers, postgres] = await together([
    startBrokers(nodesOf(folders, ports)),
    startPostgres({ dir: join(dir, 'postgres'), port, durable: false }),
  ]);
  const proxied = new URL(postgres.adminUrl);
  proxied.port = `${proxyPort}`;
  const addresses = brokers.flatMap((broker) => broker.brokers);
  return { brokers, postgres, lines: { log, database }, addresses, proxiedUrl: proxied.href };
}

function nodesOf(folders: readonly string[], ports: readonly number[]): NodeSettings[] {
  return folders.map((dir, i) => {
    const [advertisedPort, port, controllerPort] = ports.slice(3 * i, 3 * i + 3);
    return { dir, advertisedPort: advertisedPort!, port: port!, controllerPort: controllerPort! };
  });
}

/** Every process that is started from here on can be given a wrong clock. */
function loadClocks(clocks: string): void {
  const preload = pathToFileURL(resolve('dist/tools/chaos/clock.js')).href;
  process.env.CHAOS_CLOCKS = clocks;
  process.env.NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --import ${preload}`.trim();
}

async function connectTo(adminUrl: string, database: string): Promise<pg.Client> {
  const url = new URL(adminUrl);
  url.pathname = `/${database}`;
  const client = new pg.Client({ connectionString: url.href, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // A lost connection also fails the query under way.
  await client.connect();
  return client;
}
