import type { Service } from '../../manifest.ts';

/** What was asked for on the command line of `npm start`. */
export interface Options {
  mode: 'start' | 'dev';
  fresh: boolean;
  shoppers: boolean;
  /** Where to write what shoppers had in mind; null for nowhere. */
  truth: string | null;
  stats: boolean;
  help: boolean;
  /** Names of the services to start; null for all. */
  only: string[] | null;
  /** How many of a service; one when it is not named. */
  replicas: Record<string, number>;
}

const seeHelp = 'npm start -- --help lists what there is';
/** One replica a partition: a further one would have nothing to do. */
const mostReplicas = 6;

/** Reads the command line. Throws a sentence for what it does not know. */
export function parseOptions(argv: readonly string[], services: readonly Service[]): Options {
  const [mode, ...rest] = argv;
  const options: Options = {
    mode: mode === 'dev' ? 'dev' : 'start',
    fresh: false,
    shoppers: true,
    truth: null,
    stats: false,
    help: false,
    only: null,
    replicas: {},
  };
  for (const [flag, value] of flagsOf(rest)) {
    if (flag === '--fresh') options.fresh = true;
    else if (flag === '--no-shoppers') options.shoppers = false;
    else if (flag === '--stats') options.stats = true;
    else if (flag === '--help') options.help = true;
    else if (flag === '--truth') options.truth = fileOf(value);
    else if (flag === '--only') options.only = namesOf(value, services);
    else if (flag === '--replicas') Object.assign(options.replicas, replicasOf(value, services));
    else throw new Error(`There is no option ${flag}: ${seeHelp}.`);
  }
  return options;
}

const takesValue = ['--only', '--replicas', '--truth'];

/** Both `--only a` and `--only=a`. */
function flagsOf(argv: readonly string[]): [string, string][] {
  const flags: [string, string][] = [];
  for (let i = 0; i < argv.length; i += 1) {
    const [flag, ...value] = argv[i]!.split('=');
    if (!takesValue.includes(flag!)) flags.push([argv[i]!, '']);
    else if (value.length > 0) flags.push([flag!, value.join('=')]);
    else flags.push([flag!, argv[(i += 1)] ?? '']);
  }
  return flags;
}

function fileOf(value: string): string {
  if (value !== '' && !value.startsWith('--')) return value;
  throw new Error('--truth needs the name of a file, as in --truth truth.jsonl.');
}

function namesOf(list: string, services: readonly Service[]): string[] {
  const names = list.split(',').filter((name) => name !== '');
  if (names.length === 0)
    throw new Error('--only needs names of services, as in --only shop,feedback.');
  return names.map((name) => find(name, services).name);
}

function find(name: string, services: readonly Service[]): Service {
  const service = services.find((each) => each.name === name);
  if (service) return service;
  const all = services.map((each) => each.name).join(', ');
  throw new Error(`There is no service "${name}": choose from ${all}.`);
}

function replicasOf(list: string, services: readonly Service[]): Record<string, number> {
  const counts = list.split(',').map((item) => {
    const [name = '', count = ''] = item.split('=');
    const number = /^\d+$/.test(count) ? Number(count) : 0;
    const service = find(name, services);
    if (number < 1 || number > mostReplicas) {
      throw new Error(
        `--replicas ${name} needs a number from 1 to ${mostReplicas}, as in ${name}=2.`,
      );
    }
    if (number > 1 && !service.replicas) {
      throw new Error(`${name} runs once only: leave it out of --replicas.`);
    }
    return [name, number] as const;
  });
  return Object.fromEntries(counts);
}

export const help = `npm start -- [options]     starts the whole system; Ctrl-C stops it
npm run dev -- [options]   the same, and restarts the services whose code changed

  --fresh                  forget the log and the databases first
  --no-shoppers            start without simulated shoppers
  --truth FILE             write what shoppers had in mind to FILE, a JSON line for each visit
  --only shop,feedback     start these services only
  --replicas feedback=2    start more than one of a service
  --stats                  show the memory of the system that runs here, and end
  --help                   this text

Environment
  SHOP_PORT, COLLECTOR_PORT, SIMULATOR_PORT, KAFKA_PORT, POSTGRES_PORT
  KAFKA_BROKERS            host:port,… of your own Kafka, instead of the embedded one
  KAFKA_SASL               1: each service logs in, and may read and write only what is declared
  KAFKA_USERNAME, KAFKA_PASSWORD, KAFKA_SASL_MECHANISM, KAFKA_TLS   how to log in at your own Kafka
  DATABASE_URL             your own PostgreSQL, as a user who may create databases and roles
  STREAMSIDE_DIR           where data and logs are (.streamside)
`;
