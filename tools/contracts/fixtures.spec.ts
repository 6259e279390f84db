import { Ajv } from 'ajv';
import fc from 'fast-check';
import { z } from 'zod';
import { topics } from '#contracts/all';
import { stream } from '#contracts/contract';
import type { EventType, LogEvent } from '#contracts/contract';
import { decode } from '#log/envelope';
import { dataOf } from './arbitrary.ts';
import { readFixtures, readSchemas } from './files.ts';
import { fixtureOf, fixturePathOf, recordsOf, reviewFixtures, sumOf } from './fixtures.ts';
import { pathsOf } from './review.ts';
import { eventsByPath, pathOf } from './schemas.ts';

const schemas = readSchemas();
const fixtures = readFixtures();
const events = eventsByPath(topics().values());
/** Every version ever committed, with the declaration of today. */
const versions = [...events.values()].flatMap((event) =>
  pathsOf(event).map((path) => [path, event] as const),
);
const acceptorOf = (path: string) =>
  new Ajv({ strict: false, validateFormats: false }).compile(schemas.get(path)!);

describe.each(versions)('%s', (path, event) => {
  it('was written like this, and is read as data of today', () => {
    const records = recordsOf(fixtures.records.get(fixturePathOf(path))!);
    expect(records.length).toBeGreaterThan(0);
    const accepts = acceptorOf(path);
    for (const record of records) {
      const { dataschema, data: written } = JSON.parse(record.value!.toString());
      expect(dataschema).toMatch(new RegExp(`/${path.split('.').at(-2)}$`));
      expect([accepts(written), accepts.errors]).toEqual([true, null]);
      const { key, data } = decode(event, record, 7) as LogEvent<string, Record<string, unknown>>;
      expect({ key, data }).toEqual({ key: event(data).key, data: event(data).data });
    }
  });
});

it('reads whatever an older version allowed', () => {
  const older = versions.filter(([path, event]) => path !== pathOf(event));
  for (const [path, event] of older) {
    const [record] = recordsOf(fixtures.records.get(fixturePathOf(path))!);
    const written = JSON.parse(record!.value!.toString());
    const isRead = fc.property(dataOf(schemas.get(path)!), (data) => {
      const value = Buffer.from(JSON.stringify({ ...written, data }));
      expect(() => decode(event, { ...record!, value }, 7)).not.toThrow();
    });
    fc.assert(isRead, { seed: 20, numRuns: 100 });
  }
});

it('has a fixture of every version that has a schema, unchanged', () => {
  expect(reviewFixtures(events, schemas.keys(), fixtures)).toEqual([]);
  expect(versions.map(([path]) => path).toSorted()).toEqual([...schemas.keys()].toSorted());
});

describe('a fixture', () => {
  const walks = stream('fixture-walks', { key: null });
  const shape = { steps: z.int().positive() };
  const Walked = walks.event('Walked', 'Somebody walked.', { writer: '*' }, shape);
  const path = 'fixture-walks/Walked.1.jsonl';
  const first = fixtureOf(Walked);
  const later = first.replaceAll('/Walked/1', '/Walked/2');

  /** What is said of these files, when `event` is declared and these versions have a schema. */
  function said(
    files: Record<string, string>,
    sums: Record<string, string> = {},
    event: EventType = Walked,
  ) {
    const records = new Map(Object.entries(files));
    const found = { records, sums: new Map(Object.entries(sums)) };
    const findings = reviewFixtures(new Map([[pathOf(event), event]]), pathsOf(event), found);
    return findings.map(({ sentence, breaking }) => [breaking ? 'breaking' : 'stale', sentence]);
  }
  const at = `libs/contracts/fixtures/${path}`;

  it('is two records, always the same, with little and with much in them', () => {
    expect(fixtureOf(Walked)).toBe(first);
    expect(recordsOf(first)).toHaveLength(2);
    expect(said({ [path]: first }, { [path]: sumOf(first) })).toEqual([]);
  });

  it('is written for a new event, and its sum with it', () => {
    expect(said({})).toEqual([['stale', `${at} is missing: npm run contracts writes it.`]]);
    expect(said({ [path]: first })).toEqual([
      ['stale', `${at} is not in SHA256SUMS: npm run contracts adds it.`],
    ]);
  });

  it('is neither changed nor removed', () => {
    const sums = { [path]: sumOf(first) };
    const gone = `${at} is gone: restore it, the archive has such events.`;
    expect(said({}, sums)).toEqual([['breaking', gone]]);
    expect(said({ [path]: first.replace('"steps":', '"steps":1') }, sums)).toEqual([
      ['breaking', `${at} was changed: restore it, an archived event stays as it is.`],
    ]);
    const second = redeclared({ version: 2, upcasts: { 1: (old) => old } });
    const files = { 'fixture-walks/Walked.2.jsonl': later };
    expect(said(files, {}, second)).toContainEqual(['breaking', gone]);
  });

  it('is read by the declaration of today, through its upcasts', () => {
    const second = redeclared({ version: 2, upcasts: { 1: ({ steps }) => ({ steps: -steps }) } });
    const files = { [path]: first, 'fixture-walks/Walked.2.jsonl': later };
    const sums = Object.fromEntries(Object.entries(files).map(([p, text]) => [p, sumOf(text)]));
    expect(said(files, sums, second)).toEqual(
      [1, 2].map((line) => [
        'breaking',
        `${at} line ${line} no longer parses (Walked: steps: Too small: expected number to be >0)` +
          ': mend the contract or its upcasts.',
      ]),
    );
  });

  function redeclared(changes: Partial<EventType>): EventType {
    return Object.assign(Walked.bind(null), Walked, changes);
  }
});
