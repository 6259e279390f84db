import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startServer } from '../start/server.ts';
import type { Server } from '../start/server.ts';
import { ensureJars, findJava } from './jars.ts';

export interface BrokerSettings {
  /** Holds the log; a broker that finds one goes on with it. */
  dir: string;
  port: number;
  controllerPort: number;
  /** Default: kafka.log in `dir`. */
  logFile?: string;
  /** Default: kafka-libs in STREAMSIDE_DIR. */
  jarsDir?: string;
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
  writeFileSync(config, properties({ ...settings, dir }));
  const classPath = ['-cp', join(jarsDir, '*')];
  if (!existsSync(join(dir, 'data', 'meta.properties'))) await format(java, classPath, config);
  const start = () =>
    startServer({
      name: 'Kafka',
      file: java,
      args: [...jvmFlags, ...logFlags, ...classPath, 'kafka.Kafka', config],
      pidFile: join(dir, 'kafka.pid'),
      logFile: settings.logFile ?? join(dir, 'kafka.log'),
      readyWhen: /Kafka Server started/,
      stopSignal: 'SIGTERM',
    });
  let server: Server = await start();
  return {
    brokers: [`127.0.0.1:${settings.port}`],
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

export function defaultJarsDir(env = process.env): string {
  return join(env.STREAMSIDE_DIR || '.streamside', 'kafka-libs');
}

/** The memory of a broker for one machine: 180 MB resident instead of 460. */
const jvmFlags = ['-Xms64m', '-Xmx192m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1'];
const simpleLogger = '-Dorg.slf4j.simpleLogger';
const logFlags = [
  `${simpleLogger}.defaultLogLevel=warn`,
  `${simpleLogger}.log.kafka.server.KafkaRaftServer=info`,
  `${simpleLogger}.showDateTime=true`,
  `${simpleLogger}.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSXXX`,
];

async function format(java: string, classPath: string[], config: string): Promise<void> {
  // An id that began with a dash would be taken for a flag.
  const clusterId = `S${randomBytes(16).toString('base64url').slice(1, 21)}A`;
  const tool = ['kafka.tools.StorageTool', 'format', '--cluster-id', clusterId, '--config', config];
  await promisify(execFile)(java, [...jvmFlags, ...classPath, ...tool]);
}

function properties({ dir, port, controllerPort }: BrokerSettings): string {
  const lines = {
    'process.roles': 'broker,controller',
    'node.id': 1,
    'controller.quorum.voters': `1@127.0.0.1:${controllerPort}`,
    listeners: `PLAINTEXT://127.0.0.1:${port},CONTROLLER://127.0.0.1:${controllerPort}`,
    'advertised.listeners': `PLAINTEXT://127.0.0.1:${port}`,
    'listener.security.protocol.map': 'PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT',
    'controller.listener.names': 'CONTROLLER',
    'log.dirs': join(dir, 'data'),
    // Topics are created with the settings of their contracts, or not at all.
    'auto.create.topics.enable': false,
    'num.partitions': 6,
    // The default of 3 s would be added to every start of the whole system.
    'group.initial.rebalance.delay.ms': 0,
    // A machine that stalls for longer than the default of 9 s would make the broker give up its own
    // partitions, and there is nobody to take them over.
    'broker.session.timeout.ms': 60_000,
    // The default would not fit into the heap, and the broker would end without a word.
    'log.cleaner.dedupe.buffer.size': 8_388_608,
    'offsets.topic.num.partitions': 6,
    'offsets.topic.replication.factor': 1,
    'transaction.state.log.num.partitions': 6,
    'transaction.state.log.replication.factor': 1,
    'transaction.state.log.min.isr': 1,
    'share.coordinator.state.topic.replication.factor': 1,
    'share.coordinator.state.topic.min.isr': 1,
    // Segments and their indexes are allocated in advance, 20 MB a partition by default.
    'log.index.size.max.bytes': 1_048_576,
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}\n`)
    .join('');
}
