import { releasesOf } from '#contracts/releases';
import type { Application } from '#contracts/releases';
import { VisitorId } from '#contracts/values';
import { readArguments } from '../arguments.ts';
import { applications, isApplication } from '../start/running.ts';

/** What `npm run versions` was asked for. */
export type Command =
  | { do: 'help' }
  | { do: 'list'; json: boolean }
  | { do: 'start' | 'promote'; application: Application; release: string }
  | { do: 'retire'; application: Application; release: string; yes: boolean }
  | { do: 'split'; application: Application; shares: { release: string; percent: number }[] }
  | { do: 'pin'; application: Application; visitorId: string; release: string }
  | { do: 'unpin'; application: Application; visitorId: string }
  | { do: 'rollback'; application: Application }
  | { do: 'compare'; application: Application; releases: [string, string]; json: boolean };

export const help = `Versions of an application, side by side on one log.

  npm run versions -- list                                  all that run: lag, state, share of visitors
  npm run versions -- start recommendations v2              from the beginning of the log, until it has caught up
  npm run versions -- compare recommendations v1 v2         on what visitors did; --json
  npm run versions -- split recommendations v1=90 v2=10     by hash of the visitor
  npm run versions -- pin recommendations VISITOR v2        one visitor, whatever the shares say
  npm run versions -- unpin recommendations VISITOR
  npm run versions -- promote recommendations v2            everybody
  npm run versions -- rollback recommendations              back to what was before the last change
  npm run versions -- retire recommendations v1             stops it, forgets its tables and topics; --yes asks nothing

Applications: ${applications.map((name) => `${name} (${releasesOf[name].join(', ')})`).join(', ')}.

Environment
  KAFKA_BROKERS            where the log is (127.0.0.1:19092)
  STREAMSIDE_DIR           the folder of the system that runs (.streamside)
  DATABASE_URL             for retire: your own PostgreSQL, if the system runs on that
`;

const seeHelp = 'npm run versions -- --help lists what there is';

/** Reads the command line. Throws a sentence for what it does not understand. */
export function parseCommand(argv: readonly string[]): Command {
  const { values, positionals } = readArguments(
    {
      args: [...argv],
      allowPositionals: true,
      options: {
        json: { type: 'boolean' },
        yes: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    },
    seeHelp,
  );
  const [verb = 'help', name, ...rest] = positionals;
  const { json = false, yes = false, help: asked = false } = values;
  if (asked || verb === 'help') return { do: 'help' };
  if (verb === 'list') return { do: 'list', json };
  const takes = TAKES[verb];
  if (!takes) throw new Error(`There is no command ${verb}: ${seeHelp}.`);
  const application = applicationOf(verb, name);
  const { least, most, words } = takes;
  if (rest.length < least || rest.length > most) {
    throw new Error(`${verb} takes ${words}, as in npm run versions -- ${takes.example}.`);
  }
  const release = (text: string) => releaseOf(application, text);
  const [first = '', second = ''] = rest;
  switch (verb) {
    case 'start':
    case 'promote':
      return { do: verb, application, release: release(first) };
    case 'retire':
      return { do: verb, application, release: release(first), yes };
    case 'rollback':
      return { do: verb, application };
    case 'split':
      return { do: verb, application, shares: sharesOf(rest, release) };
    case 'pin':
      return { do: verb, application, visitorId: visitorOf(first), release: release(second) };
    case 'unpin':
      return { do: verb, application, visitorId: visitorOf(first) };
    default:
      return { do: 'compare', application, releases: [release(first), release(second)], json };
  }
}

interface Takes {
  least: number;
  most: number;
  words: string;
  example: string;
}

const takes = (count: number | [number, number], words: string, example: string): Takes => {
  const [least, most] = typeof count === 'number' ? [count, count] : count;
  return { least, most, words, example };
};

const TAKES: Record<string, Takes | undefined> = {
  start: takes(1, 'one version', 'start recommendations v2'),
  promote: takes(1, 'one version', 'promote recommendations v2'),
  retire: takes(1, 'one version', 'retire recommendations v1'),
  rollback: takes(0, 'only an application', 'rollback recommendations'),
  split: takes([1, 9], 'versions with their percent', 'split recommendations v1=90 v2=10'),
  pin: takes(2, 'a visitor and a version', 'pin recommendations VISITOR v2'),
  unpin: takes(1, 'a visitor', 'unpin recommendations VISITOR'),
  compare: takes(2, 'two versions', 'compare recommendations v1 v2'),
};

function applicationOf(verb: string, name: string | undefined): Application {
  if (name !== undefined && isApplication(name)) return name;
  const given =
    name === undefined ? `${verb} needs an application` : `There are no versions of ${name}`;
  throw new Error(`${given}: choose from ${applications.join(', ')}.`);
}

function releaseOf(application: Application, text: string): string {
  const known: readonly string[] = releasesOf[application];
  if (known.includes(text)) return text;
  throw new Error(
    `There is no code for ${application} "${text}": choose from ${known.join(', ')}.`,
  );
}

function sharesOf(parts: readonly string[], release: (text: string) => string) {
  const shares = parts.map((part) => {
    const [name = '', text = ''] = part.split('=');
    if (/^\d{1,3}$/.test(text)) return { release: release(name), percent: Number(text) };
    throw new Error(`split cannot read "${part}": write v1=90 for 90 percent.`);
  });
  const sum = shares.reduce((total, { percent }) => total + percent, 0);
  if (sum !== 100) throw new Error(`The shares are ${sum} percent together: make them 100.`);
  if (new Set(shares.map((each) => each.release)).size === shares.length) return shares;
  throw new Error('split names a version twice: name each once.');
}

function visitorOf(text: string): string {
  const found = VisitorId.safeParse(text);
  if (found.success) return found.data;
  throw new Error(
    'The visitor is the value of the cookie "visitor": 8 to 64 letters, digits or hyphens.',
  );
}
