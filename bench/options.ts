import { readArguments } from '../tools/arguments.ts';
import { benches, figures } from './figures.ts';

/** What `npm run bench` was asked for. */
export interface Options {
  /** Benches to run, in the order of the table. */
  chosen: string[];
  quick: boolean;
  profile: boolean;
  help: boolean;
}

/** Reads the command line. Throws a sentence for what it does not know. */
export function parseOptions(argv: readonly string[]): Options {
  const { values, positionals } = readArguments(
    {
      args: [...argv],
      allowPositionals: true,
      options: {
        quick: { type: 'boolean' },
        profile: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    },
    'npm run bench -- --help lists what there is',
  );
  const named = new Set(positionals.map(benchOf));
  const chosen = benches.filter((bench) => named.size === 0 || named.has(bench));
  const { quick = false, profile = false, help = false } = values;
  return { chosen, quick, profile, help };
}

/** A figure is measured together with the others of its bench. */
function benchOf(name: string): string {
  const found = benches.includes(name) ? name : figures.find((each) => each.name === name)?.bench;
  if (found) return found;
  throw new Error(`There is no benchmark "${name}": choose from ${benches.join(', ')}.`);
}

export const help = `npm run bench -- [name…] [options]     own and peer in turns; about 25 minutes for all

  read         the delivery loop with an empty @On, beside raw kafkajs and Nest's Kafka transport
  processor    state in PostgreSQL, exactly once, beside a raw read and one save for each message
  append       200 appends at a time and batches, beside kafkajs
  collector    POST /collect, beside bare Fastify routes
  loop         from the hit to the shop's live message and to the popup, beside a bare relay
  growth       0.1, 1 and 10 million events through one processor
  versions     v2 of feedback catches up, beside other processors; how soon v1 answers meanwhile
  switching    how long shoppers wait for pages while versions come, are switched, and go

  --quick      fewer and shorter rounds, and no 10 million: to see that all works; nothing is kept
  --profile    also write CPU profiles to dist/profiles; the figures are lower then, and not kept
  --help       this text

Everything runs on a broker and a database of its own, in a temporary folder (10 GB for growth).
`;
