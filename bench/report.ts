import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { table } from '../tools/start/progress.ts';
import { figures, isMet, targetText } from './figures.ts';
import type { Figure, Result } from './figures.ts';
import { compare } from './statistics.ts';

/** All that is said of the machine: what makes a figure comparable with another of the same kind. */
const machine = `${availableParallelism()} cores, Node ${process.versions.node}`;

const figureOf = (name: string): Figure => figures.find((figure) => figure.name === name)!;

/** The result of a figure from the values of its rounds. */
export function resultOf(name: string, own: readonly number[], peer: readonly number[]): Result {
  const { unit, peer: peerName } = figureOf(name);
  const { value, peerValue, ratio, rounds, spread } = compare(own, peer);
  const at = new Date().toISOString();
  return {
    name,
    value: rounded(value),
    unit,
    peer: peerName,
    peerValue: rounded(peerValue),
    ratio: rounded(ratio),
    rounds,
    spread: rounded(spread),
    at,
    machine,
  };
}

/** Three digits say all that repeats. */
const rounded = (value: number) => Number(value.toPrecision(3));

/** The results as aligned rows; each ends with whether its target is reached, and the target. */
export function resultTable(results: readonly Result[]): string {
  const head = ['figure', 'own', 'peer', 'ratio', 'spread', 'peer is', 'target'];
  return table([head, ...results.map(row)]);
}

function row(result: Result): string[] {
  const { name, value, unit, peer, peerValue, ratio, spread } = result;
  const { target } = figureOf(name);
  const verdict = target === null ? '' : isMet(target, result) ? 'ok ' : 'MISSED ';
  return [
    name,
    `${shown(value)} ${unit}`,
    shown(peerValue),
    `${ratio} ×`,
    `${Math.round(spread * 100)} %`,
    peer,
    `${verdict}${targetText(target, unit)}`,
  ];
}

const shown = (value: number) => value.toLocaleString('en-GB');

/** What to do next, as the last line of a run. */
export function advice(results: readonly Result[]): string {
  const missed = results.filter((result) => !isMet(figureOf(result.name).target, result));
  if (missed.length === 0) return 'Every target is reached: commit bench/results.json.';
  const names = missed.map(({ name }) => name).join(', ');
  return `Missed: ${names}. Profile it (docs/benchmarks.md says how), or correct what is promised.`;
}

/** The new results, and the earlier ones of figures that were not measured now. */
export function merged(before: readonly Result[], now: readonly Result[]): Result[] {
  return figures.flatMap(({ name }) => {
    const has = (result: Result) => result.name === name;
    return now.find(has) ?? before.find(has) ?? [];
  });
}

const FILE = 'bench/results.json';
const PAGE = 'docs/benchmarks.md';

/** Writes the results down, and puts all there are into the page that explains them. */
export function keep(results: readonly Result[]): void {
  const before: Result[] = existsSync(FILE) ? JSON.parse(readFileSync(FILE, 'utf8')) : [];
  const all = merged(before, results);
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
  writeFileSync(PAGE, filledIn(readFileSync(PAGE, 'utf8'), all));
}

/** The page with these results between its two marks. */
export function filledIn(page: string, results: readonly Result[]): string {
  const lines = [
    '| figure | own | peer | ratio | spread | rounds | target |',
    '| --- | --- | --- | --- | --- | --- | --- |',
    ...results.map((result) => {
      const [name, own, peer, ratio, spread, peerName, target] = row(result);
      const cells = [name, own, `${peer} (${peerName})`, ratio, spread, result.rounds, target];
      return `| ${cells.join(' | ')} |`;
    }),
  ];
  const [first] = results;
  const when = first
    ? `\n${first.machine}; the last row is of ${results.at(-1)!.at.slice(0, 10)}.\n`
    : '';
  return page.replace(
    /(<!-- results -->\n)[^]*(<!-- \/results -->)/,
    (_, begin: string, end: string) => `${begin}${lines.join('\n')}\n${when}${end}`,
  );
}
