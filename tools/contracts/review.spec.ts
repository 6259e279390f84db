import { z } from 'zod';
import { stream } from '#contracts/contract';
import type { Schema } from './compatibility.ts';
import { review } from './review.ts';
import { eventsByPath, schemaOf } from './schemas.ts';

type Options = { version?: number; upcasts?: Record<number, (old: any) => unknown> };
let declared = 0;

/** A topic with one event, and with the schema files there are for it. */
function given(shape: z.ZodRawShape, options: Options = {}) {
  const topic = stream(`reviewed-${(declared += 1)}`, { key: null });
  const event = topic.event('Moved', 'It moved.', { writer: 'shop', ...options }, shape);
  return { event, events: eventsByPath([topic]) };
}

function sentences(events: ReturnType<typeof given>['events'], files: Record<string, Schema>) {
  const topic = [...events.values()][0]!.topic.name;
  const committed = Object.entries(files).map(([name, schema]) => [`${topic}/${name}`, schema]);
  const findings = review(events, new Map(committed as [string, Schema][]));
  const start = `libs/contracts/schemas/${topic}/`;
  return findings.map(({ sentence, breaking }) => {
    expect(sentence.startsWith(start)).toBe(true);
    return `${breaking ? 'breaking' : 'stale'}: ${sentence.slice(start.length)}`;
  });
}

const { event: by1, events } = given({ by: z.int().max(5) });

it('has nothing to say when the files are what the code declares', () => {
  expect(sentences(events, { 'Moved.1.json': schemaOf(by1) })).toEqual([]);
});

it('names a file that is missing', () => {
  expect(sentences(events, {})).toEqual([
    'stale: Moved.1.json is missing: npm run contracts writes it.',
  ]);
});

it('tells a change that is allowed from one that breaks', () => {
  const [wider, narrower] = [9, 3].map((max) => schemaOf(given({ by: z.int().max(max) }).event));
  expect(sentences(events, { 'Moved.1.json': narrower! })).toEqual([
    'stale: Moved.1.json is not what the code declares: npm run contracts writes it anew.',
  ]);
  expect(sentences(events, { 'Moved.1.json': wider! })).toEqual([
    'breaking: Moved.1.json promised otherwise: by has maximum 5, was 9. ' +
      'Keep to it, or declare version 2 with an upcast from 1.',
  ]);
});

it('wants the schema and an upcast of every older version', () => {
  const upcast = () => ({});
  const second = given({}, { version: 2, upcasts: { 1: upcast } });
  const files = { 'Moved.2.json': schemaOf(second.event) };
  expect(sentences(second.events, files)).toEqual([
    'breaking: Moved.1.json is gone: restore it, its events are in the archive.',
  ]);
  const third = given({}, { version: 3, upcasts: { 1: upcast } });
  expect(
    sentences(third.events, {
      'Moved.1.json': schemaOf(by1),
      ...files,
      'Moved.3.json': schemaOf(third.event),
    }),
  ).toEqual(['breaking: Moved.2.json has no upcast to version 3: add it to Moved.']);
});

it('refuses that an event, or its last version, is no longer declared', () => {
  const files = { 'Moved.1.json': schemaOf(by1), 'Moved.2.json': {}, 'Left.1.json': {} };
  const why = 'has no event in the code: declare it again, the archive has some.';
  expect(sentences(events, files)).toEqual([
    `breaking: Moved.2.json ${why}`,
    `breaking: Left.1.json ${why}`,
  ]);
});
