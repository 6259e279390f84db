/** What was asked for on the command line of `npm run history`. */
export interface HistoryOptions {
  days: number;
  seed: string;
  sessionsPerDay: number;
  truth: string | null;
  fresh: boolean;
  help: boolean;
}

const seeHelp = 'npm run history -- --help lists what there is';

/** Reads the command line. Throws a sentence for what it does not know. */
export function parseHistoryOptions(argv: readonly string[]): HistoryOptions {
  const options: HistoryOptions = {
    days: 30,
    seed: '1',
    sessionsPerDay: 1_000,
    truth: null,
    fresh: false,
    help: false,
  };
  const rest = argv.flatMap((argument) => argument.split(/=(.*)/s).slice(0, 2));
  for (let flag = rest.shift(); flag !== undefined; flag = rest.shift()) {
    if (flag === '--fresh') options.fresh = true;
    else if (flag === '--help') options.help = true;
    else if (flag === '--days') options.days = numberOf(flag, rest.shift(), 366);
    else if (flag === '--sessions-per-day')
      options.sessionsPerDay = numberOf(flag, rest.shift(), 100_000);
    else if (flag === '--seed') options.seed = textOf(flag, rest.shift(), '1');
    else if (flag === '--truth') options.truth = textOf(flag, rest.shift(), 'truth.jsonl');
    else throw new Error(`There is no option ${flag}: ${seeHelp}.`);
  }
  return options;
}

function numberOf(flag: string, text: string | undefined, most: number): number {
  const number = /^\d{1,6}$/.test(text ?? '') ? Number(text) : 0;
  if (number >= 1 && number <= most) return number;
  throw new Error(`${flag} needs a number from 1 to ${most}, as in ${flag} ${Math.min(30, most)}.`);
}

function textOf(flag: string, text: string | undefined, example: string): string {
  if (text && !text.startsWith('--')) return text;
  throw new Error(`${flag} needs a value, as in ${flag} ${example}.`);
}

export const help = `npm run history -- [options]   writes a past onto an empty log; then npm start goes on from it

  --days 30                how far it goes back
  --seed 1                 who comes; the same seed, the same past
  --sessions-per-day 1000  how many come
  --truth FILE             write what shoppers had in mind to FILE, a JSON line for each visit
  --fresh                  forget the log and the databases first
  --help                   this text

Environment: as for npm start (npm start -- --help).
`;
