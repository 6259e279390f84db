import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { topics } from '#contracts/all';
import { asyncapi } from './asyncapi.ts';
import { readSchemas } from './files.ts';
import { review } from './review.ts';
import { eventsByPath, schemaOf, SCHEMAS } from './schemas.ts';

/** `npm run contracts`: schemas and the AsyncAPI document, from the contracts in the code. */

const document = 'docs/asyncapi.json';
const help = `npm run contracts              writes ${SCHEMAS} and ${document}
npm run contracts -- --check   only says what would change, and ends with 1 if anything would

A change that breaks readers or archived events is refused: it takes a new version with an upcast.
While nobody has a log yet, delete the schema's file first and write it again.`;

function main(flags: readonly string[]): number {
  if (flags.includes('--help')) return say(help, 0);
  const unknown = flags.find((flag) => flag !== '--check');
  if (unknown) return say(`There is no option ${unknown}: npm run contracts -- --help.`, 1);
  const declared = [...topics().values()].toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const events = eventsByPath(declared);
  const findings = review(events, readSchemas());
  const breaking = findings.filter((finding) => finding.breaking);
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  const described = format(asyncapi(declared, version));
  if (flags.includes('--check')) {
    const sentences = findings.map(({ sentence }) => sentence);
    if (read(document) !== described) {
      sentences.push(
        `${document} is not what the code declares: npm run contracts writes it anew.`,
      );
    }
    return sentences.length > 0 ? say(sentences.join('\n'), 1) : 0;
  }
  if (breaking.length > 0) return say(breaking.map(({ sentence }) => sentence).join('\n'), 1);
  for (const { path } of findings) write(join(SCHEMAS, path), format(schemaOf(events.get(path)!)));
  if (read(document) !== described) write(document, described);
  return say(`${events.size} event schemas in ${SCHEMAS}, ${findings.length} written.`, 0);
}

function read(file: string): string | null {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
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
