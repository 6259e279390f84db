import { readArguments } from '../arguments.ts';

const options = {
  all: { type: 'boolean' },
  topic: { type: 'string' },
  group: { type: 'string' },
  limit: { type: 'string' },
  json: { type: 'boolean' },
  raw: { type: 'boolean' },
  why: { type: 'string' },
  by: { type: 'string' },
} as const;

/** Which options go with which command. */
const commands = {
  list: ['all', 'topic', 'group', 'limit', 'json'],
  show: ['json', 'raw'],
  retry: ['by'],
  discard: ['why', 'by'],
} as const;

export type Command = keyof typeof commands;

/** What `npm run bad` was asked for. */
export interface Options {
  command: Command | 'help';
  /** The bad event; empty for `list`. */
  id: string;
  /** Also those that were retried or discarded. */
  all: boolean;
  /** The topic that was read, without `.bad`. */
  topic: string | null;
  group: string | null;
  /** The most to list; the newest are shown. */
  limit: number;
  json: boolean;
  raw: boolean;
  /** Who decides; null is the user of this machine. */
  by: string | null;
  why: string;
}

const seeHelp = 'npm run bad -- --help lists what there is';
const MOST_LISTED = 50;

/** Reads the command line. Throws a sentence for what it does not understand. */
export function parseOptions(argv: readonly string[]): Options {
  const wantsHelp = argv.includes('--help') || argv.includes('-h');
  const [command = '', ...rest] = argv;
  if (!wantsHelp && !isCommand(command)) throw new Error(noCommand(command));
  const { values, positionals } = wantsHelp ? nothing : parse(command as Command, rest);
  const { all = false, topic = null, group = null, json = false, raw = false } = values;
  const parsed: Options = {
    command: wantsHelp ? 'help' : (command as Command),
    id: positionals[0] ?? '',
    all,
    topic: topic?.replace(/\.bad$/, '') ?? null,
    group,
    limit: limitOf(values.limit),
    json,
    raw,
    by: values.by?.trim() || null,
    why: values.why?.trim() ?? '',
  };
  if (!wantsHelp) checkRest(parsed, positionals);
  return parsed;
}

const nothing: ReturnType<typeof parse> = { values: {}, positionals: [] };

function isCommand(text: string): text is Command {
  return Object.hasOwn(commands, text);
}

function noCommand(text: string): string {
  const what = text === '' ? 'Say what to do' : `There is no command "${text}"`;
  return `${what}: list, show, retry or discard; ${seeHelp}.`;
}

interface Values {
  all?: boolean;
  topic?: string;
  group?: string;
  limit?: string;
  json?: boolean;
  raw?: boolean;
  why?: string;
  by?: string;
}

function parse(command: Command, args: string[]): { values: Values; positionals: string[] } {
  const allowed = commands[command].map((name) => [name, options[name]] as const);
  const config = { args, allowPositionals: true, options: Object.fromEntries(allowed) };
  try {
    return readArguments(config, seeHelp);
  } catch (error) {
    throw new Error(`${command}: ${(error as Error).message}`);
  }
}

function limitOf(text = String(MOST_LISTED)): number {
  if (/^[1-9]\d{0,6}$/.test(text)) return Number(text);
  throw new Error(`--limit cannot be "${text}": it is how many to list, as in --limit 200.`);
}

function checkRest({ command, why }: Options, positionals: readonly string[]): void {
  const wanted = command === 'list' ? 0 : 1;
  if (positionals.length < wanted) {
    throw new Error(`${command} needs the ID of a bad event: npm run bad -- list shows them.`);
  }
  if (positionals.length > wanted) {
    throw new Error(`${command} does not know what "${positionals[wanted]}" is: ${seeHelp}.`);
  }
  if (command === 'discard' && why === '') {
    throw new Error('discard needs a reason for whoever asks later: --why "sent by a test".');
  }
  if (why.length > 2000) throw new Error('--why may have 2000 characters: say it shorter.');
}

export const help = `npm run bad -- <command>     what could not be processed, and what to do about it

  list                     the open ones, the newest last, and how many for each reason
    --all                  also what was retried or discarded
    --topic visitors       only records of this topic
    --group <group>        only what this consumer group refused (collector: at the door)
    --limit 200            the newest 200 instead of ${MOST_LISTED}
    --json                 one JSON object a line
  show <id>                all that is known of one; --json, or --raw for its bytes alone
  retry <id>               sends it once more, to the group that refused it and nobody else
  discard <id> --why "…"   gives it up
    --by <name>            who decides, for retry and discard; the user of this machine
  --help                   this text

An ID is the place on the bad track: visitors.bad-2/17

Environment
  KAFKA_BROKERS            host:port,… (127.0.0.1:19092)
  KAFKA_SASL               1: log in, at a Streamside that was started so
`;
