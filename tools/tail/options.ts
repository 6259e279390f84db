import type { Topic } from '#contracts/contract';
import type { From } from '#log/tail';
import { readArguments } from '../arguments.ts';

/** What `npm run tail` was asked for. */
export interface Options {
  topics: string[];
  from: From;
  /** Show only these types; empty shows all. */
  types: string[];
  /** Show only this record key. */
  key: string | null;
  /** Share the records with everybody on the same channel. */
  channel: string | null;
  json: boolean;
  help: boolean;
}

const seeHelp = 'npm run tail -- --help lists what there is';

/** Reads the command line; `now` in ms. Throws a sentence for what it does not understand. */
export function parseOptions(argv: readonly string[], now: number): Options {
  const { values, positionals } = readArguments(
    {
      args: [...argv],
      allowPositionals: true,
      options: {
        from: { type: 'string' },
        type: { type: 'string', multiple: true },
        key: { type: 'string' },
        channel: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    },
    seeHelp,
  );
  const { from = 'now', type = [], key = null, channel = null, json = false } = values;
  const { help = false } = values;
  if (positionals.length === 0 && !help) {
    throw new Error(`Name a topic, as in npm run tail -- visitors: ${seeHelp}.`);
  }
  if (channel !== null && !/^[\w.-]{1,100}$/.test(channel)) {
    throw new Error('--channel needs a name of letters, digits, dots, hyphens: --channel App2.');
  }
  const topics = [...new Set(positionals)];
  return { topics, from: parseFrom(from, now), types: type, key, channel, json, help };
}

const UNITS_MS = { s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };

function parseFrom(text: string, now: number): From {
  if (text === 'now' || text === 'start') return text;
  const [, count, unit] = /^(\d{1,9})([smhd])$/.exec(text) ?? [];
  if (count) return now - Number(count) * UNITS_MS[unit as keyof typeof UNITS_MS];
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : NaN;
  if (time <= now) return time;
  throw new Error(
    `--from cannot be "${text}": use start, now, 30s, 5m, 2h, 1d, or a time that was, ` +
      `as in ${new Date(now).toISOString().slice(0, 16)}Z.`,
  );
}

/** Throws a sentence for a topic or a type that there is not. `existing` is on the broker. */
export function checkNames(
  { topics, types }: Options,
  existing: readonly string[],
  declared: ReadonlyMap<string, Topic>,
): void {
  const missing = topics.find((topic) => !existing.includes(topic));
  if (missing !== undefined) {
    throw new Error(`There is no topic "${missing}": ${choice(existing)}.`);
  }
  // A topic without a contract may have any type.
  if (!topics.every((topic) => declared.has(topic))) return;
  const known = topics.flatMap((topic) => [...declared.get(topic)!.events.keys()]);
  const unknown = types.find((type) => !known.includes(type));
  if (unknown === undefined) return;
  throw new Error(`There is no type "${unknown}" on ${topics.join(' or ')}: ${choice(known)}.`);
}

function choice(names: readonly string[]): string {
  const shown = names.filter((name) => !name.startsWith('__')).toSorted();
  return shown.length > 0 ? `choose from ${shown.join(', ')}` : 'npm start creates the topics';
}

export const help = `npm run tail -- <topic>… [options]     topics as they grow; Ctrl-C ends it

  --from 5m                where to begin: start, now (the default), 30s, 5m, 2h, 1d ago,
                           or a time: 2026-11-25T10:00Z
  --type CouponOffered     only events of this type; may be repeated
  --key <key>              only records with this key
  --channel App2           read as one of those on this channel, who share the records; it remembers
                           how far it came, and --from counts only the first time
  --json                   one CloudEvent a line, as it is on the log
  --help                   this text

For pipes, keep npm's own lines out: npm run --silent tail -- visitors --json | jq .data

Environment
  KAFKA_BROKERS            host:port,… (127.0.0.1:19092)
  KAFKA_SASL               1: log in, at a Streamside that was started so
`;
