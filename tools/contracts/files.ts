import { existsSync, mkdirSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Schema } from './compatibility.ts';
import { FIXTURES, SUMS } from './fixtures.ts';
import type { Fixtures } from './fixtures.ts';
import { SCHEMAS } from './schemas.ts';

/** The committed schemas, by path. Throws when one is not JSON. */
export function readSchemas(): Map<string, Schema> {
  const files = readFolder(SCHEMAS, '.json');
  return new Map([...files].map(([path, text]) => [path, parse(join(SCHEMAS, path), text)]));
}

/** The committed fixtures, by path, with the sums. */
export function readFixtures(): Fixtures {
  const sums = (read(join(FIXTURES, SUMS)) ?? '').split('\n').filter((line) => line !== '');
  return {
    records: readFolder(FIXTURES, '.jsonl'),
    sums: new Map(sums.map((line) => line.split('  ').toReversed() as [string, string])),
  };
}

/** The text of a file; null when there is none. */
export function read(file: string): string | null {
  return existsSync(file) ? readFileSync(file, 'utf8') : null;
}

export function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}

function readFolder(folder: string, ending: string): Map<string, string> {
  if (!existsSync(folder)) return new Map();
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  const paths = files.filter((file) => file.endsWith(ending)).toSorted();
  return new Map(paths.map((path) => [path, readFileSync(join(folder, path), 'utf8')]));
}

function parse(file: string, text: string): Schema {
  try {
    return JSON.parse(text) as Schema;
  } catch {
    throw new Error(`${file} is not JSON: restore it from the repository.`);
  }
}
