import { ports } from '../../manifest.ts';
import type { Service } from '../../manifest.ts';
import { loginIn } from './logins.ts';

/** What the environment of the launcher decides. */
export interface Settings {
  dir: string;
  kafkaPort: number;
  postgresPort: number;
  /** The port of each service that has one of its own. */
  servicePorts: Record<string, number>;
  /** Somebody else's Kafka and PostgreSQL; null for the embedded ones. */
  kafkaBrokers: string[] | null;
  /** Users and rights on the log: each service logs in, and may do what is declared. */
  kafkaSasl: boolean;
  /** The login at that Kafka, as environment variables; none for the embedded one. */
  kafkaLogin: NodeJS.ProcessEnv;
  databaseUrl: string | null;
}

/** A port, and the variable that moves it. */
export interface NamedPort {
  what: string;
  port: number;
  variable: string;
}

export function readSettings(env: NodeJS.ProcessEnv, services: readonly Service[]): Settings {
  const named = services.filter((service) => service.port !== null && service.portVariable);
  return {
    dir: env.STREAMSIDE_DIR || '.streamside',
    kafkaPort: portOf(env, 'KAFKA_PORT', ports.kafka),
    postgresPort: portOf(env, 'POSTGRES_PORT', ports.postgres),
    servicePorts: Object.fromEntries(
      named.map(({ name, port, portVariable }) => [name, portOf(env, portVariable!, port!)]),
    ),
    kafkaBrokers: brokersOf(env.KAFKA_BROKERS),
    kafkaSasl: saslOf(env),
    kafkaLogin: env.KAFKA_BROKERS ? loginIn(env) : {},
    databaseUrl: databaseOf(env.DATABASE_URL),
  };
}

function portOf(env: NodeJS.ProcessEnv, variable: string, byDefault: number): number {
  const text = env[variable];
  if (!text) return byDefault;
  const port = /^\d{1,5}$/.test(text) ? Number(text) : 0;
  if (port >= 1 && port <= 65_535) return port;
  throw new Error(`${variable} must be a port, a number from 1 to 65535.`);
}

function brokersOf(list: string | undefined): string[] | null {
  if (!list) return null;
  const brokers = list.split(',').map((broker) => broker.trim());
  if (brokers.every((broker) => /^[^\s:]+:\d{1,5}$/.test(broker))) return brokers;
  throw new Error('KAFKA_BROKERS must be host:port, or several with commas between them.');
}

function saslOf({ KAFKA_SASL, KAFKA_BROKERS, KAFKA_USERNAME, KAFKA_PASSWORD }: NodeJS.ProcessEnv) {
  if (!KAFKA_SASL || KAFKA_SASL === '0') return false;
  if (KAFKA_SASL !== '1') throw new Error('KAFKA_SASL must be 1, for users and rights, or 0.');
  if (!KAFKA_BROKERS || (KAFKA_USERNAME && KAFKA_PASSWORD)) return true;
  throw new Error(
    'KAFKA_SASL makes users on your own Kafka: set KAFKA_USERNAME and KAFKA_PASSWORD to one ' +
      'who may do that, or unset KAFKA_SASL.',
  );
}

function databaseOf(url: string | undefined): string | null {
  if (!url) return null;
  if (URL.canParse(url) && /^postgres(ql)?:$/.test(new URL(url).protocol)) return url;
  throw new Error('DATABASE_URL must look like postgres://user:password@host:5432/postgres.');
}

/** The fixed ports of a start. Throws if two of them are the same. */
export function portsToBind(
  settings: Settings,
  names: readonly string[],
  services: readonly Service[],
): NamedPort[] {
  const list: NamedPort[] = services
    .filter(({ name }) => names.includes(name) && name in settings.servicePorts)
    .map(({ name, portVariable }) => ({
      what: name,
      port: settings.servicePorts[name]!,
      variable: portVariable!,
    }));
  const { kafkaPort, postgresPort, kafkaBrokers, databaseUrl } = settings;
  if (!kafkaBrokers) list.push({ what: 'Kafka', port: kafkaPort, variable: 'KAFKA_PORT' });
  if (!databaseUrl) {
    list.push({ what: 'PostgreSQL', port: postgresPort, variable: 'POSTGRES_PORT' });
  }
  for (const [i, { port, variable }] of list.entries()) {
    const other = list.slice(0, i).find((earlier) => earlier.port === port);
    if (other) throw new Error(`${other.variable} and ${variable} are both ${port}: change one.`);
  }
  return list;
}
