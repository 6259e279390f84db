import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { topics } from '#contracts/all';
import type { EventType } from '#contracts/contract';
import { asyncapi } from './asyncapi.ts';
import { read, readFixtures, readSchemas, write } from './files.ts';
import { FIXTURES, fixtureOf, fixturePathOf, reviewFixtures, SUMS, sumOf } from './fixtures.ts';
import type { Fixtures } from './fixtures.ts';
import { review } from './review.ts';
import { eventsByPath, schemaOf, SCHEMAS } from './schemas.ts';

/** `npm run contracts`: schemas, fixtures and the AsyncAPI document, from the code's contracts. */

const document = 'docs/asyncapi.json';
const help = `npm run contracts              writes ${SCHEMAS}, ${FIXTURES} and ${document}
npm run contracts -- --check   only says what would change, and ends with 1 if anything would

A change that breaks readers or archived events is refused, and so is a fixture that is changed or
gone: docs/contracts.md has the rules.`;

function main(flags: readonly string[]): number {
  if (flags.includes('--help')) return say(help, 0);
  const unknown = flags.find((flag) => flag !== '--check');
  if (unknown) return say(`There is no option ${unknown}: npm run contracts -- --help.`, 1);
  const declared = [...topics().values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const events = eventsByPath(declared);
  const [schemas, fixtures] = [readSchemas(), readFixtures()];
  const ofSchemas = review(events, schemas);
  // A schema says in one sentence what its fixtures would say again, line by line.
  const ofFixtures = ofSchemas.some(({ breaking }) => breaking)
    ? []
    : reviewFixtures(events, schemas.keys(), fixtures);
  const findings = [...ofSchemas, ...ofFixtures];
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const files = new Map([
    ...[...events].map(([path, e]) => [join(SCHEMAS, path), format(schemaOf(e))] as const),
    ...fixtureFiles(events, fixtures),
    [document, format(asyncapi(declared, version))] as const,
  ]);
  const changed = [...files].filter(([file, text]) => read(file) !== text);
  if (flags.includes('--check')) {
    const isStale = changed.some(([file]) => file === document);
    const stale = `${document} is not what the code declares: npm run contracts writes it anew.`;
    const sentences = findings.map(({ sentence }) => sentence).concat(isStale ? [stale] : []);
    return sentences.length > 0 ? say(sentences.join('\n'), 1) : 0;
  }
  const breaking = findings.filter((finding) => finding.breaking);
  if (breaking.length > 0) return say(breaking.map(({ sentence }) => sentence).join('\n'), 1);
  for (const [file, text] of changed) write(file, text);
  for (const { sentence } of findings.filter(({ widens }) => widens)) console.log(sentence);
  return say(
    told(
      events.size,
      changed.map(([file]) => file),
    ),
    0,
  );
}

/** Fixtures that are missing, and the sums of all: one that is there is never written again. */
function fixtureFiles(events: ReadonlyMap<string, EventType>, { records, sums }: Fixtures) {
  const missing = [...events]
    .map(([path, event]) => [fixturePathOf(path), event] as const)
    .filter(([path]) => !records.has(path))
    .map(([path, event]) => [path, fixtureOf(event)] as const);
  const all = [...records, ...missing].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const lines = all.map(([path, fixture]) => `${sums.get(path) ?? sumOf(fixture)}  ${path}\n`);
  return [...missing, [SUMS, lines.join('')] as const].map(
    ([path, text]) => [join(FIXTURES, path), text] as const,
  );
}

function told(events: number, written: readonly string[]): string {
  if (written.length === 0) return `${events} events: nothing to write.`;
  const lines = written.map((file) => `  ${file}`);
  return [
    ...lines,
    `${events} events; files written: ${written.length}. Commit them with the code.`,
  ].join('\n');
}

const format = (value: unknown) => `${JSON.stringify(value, null, 2)}\n`;

function say(text: string, exitCode: number): number {
  (exitCode === 0 ? console.log : console.error)(text);
  return exitCode;
}

try {
  process.exitCode = main(process.argv.slice(2));
} catch (error) {
  process.exitCode = say((error as Error).message, 1);
}
