import { readArguments } from '../arguments.ts';
import { faultNames } from './faults.ts';

/** What `npm run chaos` was asked for. */
export interface Options {
  seed: number;
  /** How long faults are injected; starting, settling and checking come on top. */
  minutes: number;
  brokers: 1 | 3;
  /** Checkouts a second. */
  rate: number;
  /** Only these faults; all if null. */
  faults: string[] | null;
  help: boolean;
}

const seeHelp = 'npm run chaos -- --help lists what there is';

/** Reads the command line. Throws a sentence for what it does not understand. */
export function parseOptions(argv: readonly string[]): Options {
  const values = parse(argv);
  const { seed = '1', minutes = '5', brokers = '1', rate = '50', faults, help = false } = values;
  if (brokers !== '1' && brokers !== '3') throw new Error('--brokers must be 1 or 3.');
  return {
    seed: numberOf('seed', seed, { from: 0, to: 2 ** 32 - 1, whole: true }),
    minutes: numberOf('minutes', minutes, { from: 0.1, to: 600, whole: false }),
    brokers: Number(brokers) as 1 | 3,
    rate: numberOf('rate', rate, { from: 1, to: 1000, whole: true }),
    faults: faults === undefined ? null : faultsOf(faults),
    help,
  };
}

function parse(argv: readonly string[]) {
  const text = { type: 'string' } as const;
  const named = { seed: text, minutes: text, brokers: text, rate: text, faults: text };
  const help = { type: 'boolean', short: 'h' } as const;
  return readArguments({ args: [...argv], options: { ...named, help } }, seeHelp).values;
}

function numberOf(
  name: string,
  text: string,
  { from, to, whole }: { from: number; to: number; whole: boolean },
): number {
  const number = /^\d+(\.\d+)?$/.test(text) ? Number(text) : NaN;
  if (number >= from && number <= to && (!whole || Number.isInteger(number))) return number;
  const kind = whole ? 'a whole number' : 'a number';
  throw new Error(`--${name} must be ${kind} from ${from} to ${to}.`);
}

function faultsOf(list: string): string[] {
  const names = list.split(',').filter((name) => name !== '');
  const unknown = names.find((name) => !faultNames.includes(name));
  if (names.length > 0 && unknown === undefined) return names;
  const all = faultNames.join(', ');
  throw new Error(`There is no fault "${unknown ?? ''}": --faults takes some of ${all}.`);
}

/** The command line that does the same again. */
export function commandOf({ seed, minutes, brokers, rate, faults }: Options): string {
  const more = [
    brokers === 1 ? '' : ` --brokers ${brokers}`,
    rate === 50 ? '' : ` --rate ${rate}`,
    faults ? ` --faults ${faults.join(',')}` : '',
  ];
  return `npm run chaos -- --seed ${seed} --minutes ${minutes}${more.join('')}`;
}

export const help = `npm run chaos -- [options]   breaks a Streamside of its own while people shop, then checks the log

  --seed 7                 the order of the faults, their victims and lengths (1)
  --minutes 5              how long faults are injected (5)
  --brokers 3              a cluster of three: replication factor 3, min.insync.replicas 2 (1)
  --rate 50                checkouts a second (50)
  --faults kill,pause      only these; there are
${wrapped(faultNames)}
  --help                   this text

Exit code 1: something is wrong with the data, or a fault hit no work in flight.
`;

function wrapped(names: readonly string[]): string {
  const lines: string[] = [''];
  for (const name of names) {
    if (lines.at(-1)!.length + name.length > 60) lines.push('');
    lines[lines.length - 1] += `${lines.at(-1) ? ', ' : ''}${name}`;
  }
  return lines.map((line) => `${' '.repeat(27)}${line}`).join('\n');
}
