import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { EventType } from '#contracts/contract';
import { decode, encode } from '#log/envelope';
import type { IncomingRecord } from '#log/envelope';
import { acceptedBy } from './arbitrary.ts';
import type { Finding } from './review.ts';
import { eventOfPath, pathOf } from './schemas.ts';

export const FIXTURES = 'libs/contracts/fixtures';
/** The sum of each fixture, as `sha256sum` writes and checks them. */
export const SUMS = 'SHA256SUMS';

/** The committed fixtures: values of records, one a line, by path; and their sums. */
export interface Fixtures {
  records: ReadonlyMap<string, string>;
  sums: ReadonlyMap<string, string>;
}

/** Where the records of an event version are, by the path of its schema. */
export function fixturePathOf(schemaPath: string): string {
  return schemaPath.replace(/\.json$/, '.jsonl');
}

/** Readable, and with what needs an escape in JSON. */
const LETTERS = fc.constantFrom(...'abcdefgh  ÄöéŽ雨☂"\\/{\n');

/** Two records of today's version, as they are on the log: one with little in it, one with much. */
export function fixtureOf(event: EventType): string {
  const made = fc
    .sample(acceptedBy(event, LETTERS), { seed: 1, numRuns: 20 })
    .map((data) => event(data as never))
    .toSorted((a, b) => JSON.stringify(a).length - JSON.stringify(b).length);
  const [writer] = event.writers;
  const source = writer === '*' ? 'shop' : writer!;
  const values = [made[0]!, made.at(-1)!].map((one, i) => {
    const id = `${event.type}.${event.version}/${i}`;
    const cause = { correlationId: id, causationId: id };
    const time = Date.UTC(2026, 0, 1);
    return encode(one, { id, source, time, cause, lane: 'fixtures', sequence: [i, 0] }).value;
  });
  return [...new Set(values)].map((value) => `${value}\n`).join('');
}

/** Lines of a fixture as the records they were. */
export function recordsOf(fixture: string): IncomingRecord[] {
  const lines = fixture.split('\n').filter((line) => line !== '');
  return lines.map((line, offset) => {
    const { subject } = JSON.parse(line) as { subject?: string };
    const key = subject === undefined ? null : Buffer.from(subject);
    return { offset, timestamp: 0, key, value: Buffer.from(line), headers: {} };
  });
}

/**
 * Every version that has a schema, or is in the sums, has its fixture, unchanged; and today's
 * declaration reads it.
 */
export function reviewFixtures(
  events: ReadonlyMap<string, EventType>,
  schemaPaths: Iterable<string>,
  { records, sums }: Fixtures,
): Finding[] {
  const current = new Set([...events.values()].map((event) => fixturePathOf(pathOf(event))));
  const declared = new Map([...events.values()].map((e) => [eventOfPath(pathOf(e)), e]));
  const wanted = [...schemaPaths].map(fixturePathOf);
  const paths = new Set([...current, ...wanted, ...sums.keys(), ...records.keys()]);
  return [...paths].toSorted().flatMap((path) => {
    const fixture = records.get(path);
    if (fixture === undefined) {
      if (current.has(path) && !sums.has(path)) return [missing(path)];
      return [breaking(path, 'is gone: restore it, the archive has such events.')];
    }
    const sum = sums.get(path);
    if (sum !== undefined && sum !== sumOf(fixture)) {
      return [breaking(path, 'was changed: restore it, an archived event stays as it is.')];
    }
    const unread = unreadable(path, fixture, declared.get(eventOfPath(path)));
    return sum === undefined ? [...unread, unsummed(path)] : unread;
  });
}

/** What today's declaration cannot read. An event that is not declared is for `review`. */
function unreadable(path: string, fixture: string, event: EventType | undefined): Finding[] {
  if (!event) return [];
  return recordsOf(fixture).flatMap((record, i) => {
    try {
      decode(event, record, record.timestamp);
      return [];
    } catch (error) {
      const reason = (error as Error).message.replace(/\.$/, '');
      const remedy = 'mend the contract or its upcasts';
      return [breaking(path, `line ${i + 1} no longer parses (${reason}): ${remedy}.`)];
    }
  });
}

export function sumOf(fixture: string): string {
  return createHash('sha256').update(fixture).digest('hex');
}

const finding = (path: string, what: string, isBreaking: boolean): Finding => ({
  path,
  sentence: `${FIXTURES}/${path} ${what}`,
  breaking: isBreaking,
});
const breaking = (path: string, what: string) => finding(path, what, true);
const missing = (path: string) => finding(path, 'is missing: npm run contracts writes it.', false);
const unsummed = (path: string) =>
  finding(path, `is not in ${SUMS}: npm run contracts adds it.`, false);
