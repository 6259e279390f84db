import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Schema } from './compatibility.ts';
import { SCHEMAS } from './schemas.ts';

/** The committed schemas, by path. Throws when one is not JSON. */
export function readSchemas(): Map<string, Schema> {
  if (!existsSync(SCHEMAS)) return new Map();
  const files = readdirSync(SCHEMAS, { recursive: true, encoding: 'utf8' });
  const paths = files.filter((file) => file.endsWith('.json')).toSorted();
  return new Map(paths.map((path) => [path, parse(join(SCHEMAS, path))]));
}

function parse(file: string): Schema {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Schema;
  } catch {
    throw new Error(`${file} is not JSON: restore it from the repository.`);
  }
}
