import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startServer } from '../start/server.ts';
import type { Server } from '../start/server.ts';
import { together } from '#log/together';
import { ensureJars, findJava } from './jars.ts';

export interface BrokerSettings {
  /** Holds the log; a broker that finds one goes on with it. */
  dir: string;
  port: number;
  controllerPort: number;
  /** Where clients reach it, when that is a proxy and not `port`. */
  advertisedPort?: number;
  /** One of several; default: alone. */
  cluster?: Cluster;
  /** Default: kafka.log in `dir`. */
  logFile?: string;
  /** Default: kafka-libs in STREAMSIDE_DIR. */
  jarsDir?: string;
  /** With it the broker wants a login of everybody, and this one may do everything. */
  admin?: { username: string; password: string };
}

/** Brokers that keep copies for each other. They have to be started at the same time. */
export interface Cluster {
  /** 22 characters of base64url. */
  id: string;
  /** Counts from 1. */
  node: number;
  /** The controller ports of all nodes, in order. */
  voters: readonly number[];
}

export interface Broker {
  readonly brokers: string[];
  readonly pid: number;
  /** Resolves when the broker that runs now has ended. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
  /** kill -9 */
  kill(): Promise<void>;
  /** Stops it if it runs, and starts it again on the same log and port. */
  restart(): Promise<void>;
}

/** A real Apache Kafka: one node, KRaft, in a small JVM. */
export async function startBroker(settings: BrokerSettings): Promise<Broker> {
  const dir = resolve(settings.dir);
  const jarsDir = resolve(settings.jarsDir ?? defaultJarsDir());
  const [java] = await Promise.all([findJava(), ensureJars(jarsDir)]);
  mkdirSync(dir, { recursive: true });
  const config = join(dir, 'server.properties');
  writeFileSync(config, properties({ ...settings, dir }), { mode: 0o600 });
  chmodSync(config, 0o600); // One that was there before keeps its mode otherwise.
  if (!existsSync(join(dir, 'data', 'meta.properties'))) {
    await format(java, jarsDir, config, settings.cluster?.id);
  }
  const classes = `-XX:SharedArchiveFile=${classArchive(jarsDir)}`;
  const start = () =>
    startServer({
      name: 'Kafka',
      file: java,
      args: [...jvmFlags, classes, ...logFlags, '-cp', join(jarsDir, '*'), 'kafka.Kafka', config],
      pidFile: join(dir, 'kafka.pid'),
      logFile: settings.logFile ?? join(dir, 'kafka.log'),
      readyWhen: /Kafka Server started/,
      stopSignal: 'SIGTERM',
    });
  let server: Server = await start();
  return {
    brokers: [`127.0.0.1:${settings.advertisedPort ?? settings.port}`],
    get pid() {
      return server.pid;
    },
    get ended() {
      return server.ended;
    },
    stop: () => server.stop(),
    kill: () => server.kill(),
    async restart() {
      await server.stop();
      server = await start();
    },
  };
}

export type NodeSettings = Omit<BrokerSettings, 'cluster'>;

/** One broker, or several that keep copies for each other; nodes count from 1, in this order. */
export function startBrokers(nodes: readonly NodeSettings[]): Promise<Broker[]> {
  const voters = nodes.map(({ controllerPort }) => controllerPort);
  const cluster = (i: number) => ({ id: CLUSTER_ID, node: i + 1, voters });
  return together(
    nodes.map((node, i) => startBroker(nodes.length > 1 ? { ...node, cluster: cluster(i) } : node)),
  );
}

const CLUSTER_ID = 'S4U2chaosK9rHn3vQwTzbA';

export function defaultJarsDir(env = process.env): string {
  return join(env.STREAMSIDE_DIR || '.streamside', 'kafka-libs');
}

/**
 * Classes as Java read them once: a start takes a third less. The first format writes it; Java
 * does without one that is missing or of another Java.
 */
const classArchive = (jarsDir: string) => join(jarsDir, 'classes.jsa');

/** The memory of a broker for one machine: 180 MB resident instead of 460. */
const jvmFlags = ['-Xms64m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const simpleLogger = '-Dorg.slf4j.simpleLogger';
const logFlags = [
  `${simpleLogger}.defaultLogLevel=warn`,
  `${simpleLogger}.log.kafka.server.KafkaRaftServer=info`,
  `${simpleLogger}.showDateTime=true`,
  `${simpleLogger}.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX`,
];

async function format(
  java: string,
  jarsDir: string,
  config: string,
  clusterId = newClusterId(),
): Promise<void> {
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId, '--config', config];
  const archive = classArchive(jarsDir);
  const isThere = existsSync(archive);
  const own = `${archive}.${randomBytes(6).toString('hex')}`; // Others may write one as well.
  const classes = isThere ? `-XX:SharedArchiveFile=${archive}` : `-XX:ArchiveClassesAtExit=${own}`;
  await promisify(execFile)(java, [...jvmFlags, classes, '-cp', join(jarsDir, '*'), ...tool]);
  if (!isThere && existsSync(own)) renameSync(own, archive);
}

/** An id that began with a dash would be taken for a flag. */
function newClusterId(): string {
  return `S${randomBytes(16).toString('base64url').slice(1, 21)}A`;
}

function properties(settings: BrokerSettings): string {
  const { dir, port, controllerPort, advertisedPort = port, cluster, admin } = settings;
  const { node, voters } = cluster ?? { node: 1, voters: [controllerPort] };
  // With three, one may be away.
  const copies = Math.min(voters.length, 3);
  const leastCopies = Math.max(1, copies - 1);
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': node,
    'controller.quorum.voters': voters.map((at, i) => `${i + 1}@127.0.0.1:${at}`).join(','),
    listeners: `BROKER://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `BROKER://127.0.0.1:${advertisedPort}`,
    'inter.broker.listener.name': 'BROKER',
    'controller.listener.names': 'CONTROLLER',
    ...(admin ? withUsers(admin) : openToAll),
    'log.dirs': join(dir, 'data'),
    // Topics are created with the settings of their contracts, or not at all.
    'auto.create.topics.enable': false,
    'num.partitions': 6,
    // The default of 3 s would be added to every start of the whole system.
    'group.initial.rebalance.delay.ms': 0,
    // A broker that was killed is let in again when its session before is over, and ends if that takes
    // longer than a minute. One that stalls for longer gives up its own partitions for a moment.
    'broker.session.timeout.ms': 6_000,
    'broker.heartbeat.interval.ms': 1_000,
    'default.replication.factor': copies,
    'min.insync.replicas': leastCopies,
    // The default would not fit into the heap, and the broker would end without a word.
    'log.cleaner.dedupe.buffer.size': 8_388_608,
    'offsets.topic.num.partitions': 6,
    'offsets.topic.replication.factor': copies,
    'transaction.state.log.num.partitions': 6,
    'transaction.state.log.replication.factor': copies,
    'transaction.state.log.min.isr': leastCopies,
    'share.coordinator.state.topic.replication.factor': copies,
    'share.coordinator.state.topic.min.isr': leastCopies,
    // Segments and their indexes are allocated in advance, 20 MB a partition by default.
    'log.index.size.max.bytes': 1_048_576,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}

const openToAll = { 'listener.security.protocol.map': 'BROKER:PLAINTEXT,CONTROLLER:PLAINTEXT' };

/**
 * Users, and rights that they have only when granted. The administrator stands in this file, so that
 * a log that was made without users can be given some; the others are SCRAM users on the log.
 */
function withUsers({ username, password }: { username: string; password: string }) {
  const login = `username="${username}" password="${password}" user_${username}="${password}"`;
  const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required ${login};`;
  const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
  return {
    'listener.security.protocol.map': 'BROKER:SASL_PLAINTEXT,CONTROLLER:SASL_PLAINTEXT',
    'sasl.enabled.mechanisms': 'SCRAM-SHA-512,PLAIN',
    'sasl.mechanism.inter.broker.protocol': 'PLAIN',
    'sasl.mechanism.controller.protocol': 'PLAIN',
    'listener.name.broker.plain.sasl.jaas.config': plain,
    'listener.name.broker.scram-sha-512.sasl.jaas.config': scram,
    'listener.name.controller.sasl.enabled.mechanisms': 'PLAIN',
    'listener.name.controller.plain.sasl.jaas.config': plain,
    'authorizer.class.name': 'org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    'allow.everyone.if.no.acl.found': false,
    'super.users': `User:${username}`,
  };
}
