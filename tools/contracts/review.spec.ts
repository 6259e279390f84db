import { z } from 'zod';
import { stream, table } from '#contracts/contract';
import type { Schema } from './compatibility.ts';
import { review } from './review.ts';
import { pathOf, schemaOf } from './schemas.ts';

interface Options {
  writer?: string | string[];
  version?: number;
  upcasts?: Record<number, (old: any) => unknown>;
}
let declared = 0;

/** A topic with one event, and with the schema files there are for it. */
function given(
  shape: z.ZodRawShape,
  options: Options = {},
  topicOf = (name: string) => stream(name, { key: null }),
) {
  const topic = topicOf(`reviewed-${(declared += 1)}`);
  const event = topic.event('Moved', 'It moved.', { writer: 'shop', ...options }, shape);
  return { event, events: new Map([[pathOf(event), event]]) };
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

it('allows a new field that is optional or has a default', () => {
  const { event, events } = given({
    by: z.int().max(5),
    note: z.string().optional(),
    loud: z.boolean().default(false),
  });
  expect(sentences(events, { 'Moved.1.json': schemaOf(by1) })).toEqual([
    'stale: Moved.1.json is not what the code declares: npm run contracts writes it anew.',
  ]);
  const { title: _, ...untitled } = schemaOf(event);
  expect(sentences(events, { 'Moved.1.json': untitled })).toHaveLength(1);
});

it('allows a wider limit and more values, and says who must know of them first', () => {
  const narrow = given({ by: z.int().max(3), how: z.enum(['far']) });
  const wide = given({ by: z.int().max(5), how: z.enum(['far', 'near']) });
  expect(sentences(wide.events, { 'Moved.1.json': schemaOf(narrow.event) })).toEqual([
    'stale: Moved.1.json is not what the code declares: npm run contracts writes it anew. It ' +
      'allows more of by, how: update its readers before its writers, or raise the version.',
  ]);
});

it.each<[string, z.ZodRawShape]>([
  ['by is gone (a field stays)', { how: z.string().optional() }],
  [
    'to is new and required (a new field is optional or has a default)',
    { by: z.int().max(9), how: z.string().optional(), to: z.string() },
  ],
  [
    'how is required, was optional (a field stays required, or optional, as it was)',
    { by: z.int().max(9), how: z.string() },
  ],
  [
    'by has maximum 5, was 9 (a limit only gets wider)',
    { by: z.int().max(5), how: z.string().optional() },
  ],
  [
    'how has type "boolean", was "string" (a field keeps its type, form and default)',
    { by: z.int().max(9), how: z.boolean().optional() },
  ],
])('refuses a change that breaks readers or the archive: %s', (why, shape) => {
  const promised = schemaOf(given({ by: z.int().max(9), how: z.string().optional() }).event);
  expect(sentences(given(shape).events, { 'Moved.1.json': promised })).toEqual([
    `breaking: Moved.1.json promised otherwise: ${why}. Keep to it, or declare ` +
      'version: 2 with upcasts: { 1: (old) => … }, or a new event type.',
  ]);
});

describe('whatever the version, refuses', () => {
  const shape = { by: z.string(), to: z.string() };
  const promise = (...args: Parameters<typeof given>) => schemaOf(given(...args).event);
  const second = { version: 2, upcasts: { 1: (old: unknown) => old } };
  const keyed = (name: string) => stream(name, { key: 'by' });

  it.each<[string, Schema, ReturnType<typeof given>]>([
    [
      'the record key is to, was by (an event keeps its key, or its history is no longer in one ' +
        'order): take that back, or declare a new event type.',
      promise(shape, {}, keyed),
      given(shape, second, (name) => stream(name, { key: 'to' })),
    ],
    [
      'its topic is a table, was a stream (a topic keeps its kind: a table forgets what a stream ' +
        'keeps): take that back, or declare a new topic.',
      promise(shape, {}, keyed),
      given(shape, second, (name) => table(name, { key: 'by' })),
    ],
    [
      'ordering no longer may write it (a writer stays: readers would refuse what it has ' +
        "written): name 'ordering' among its writers again.",
      promise(shape, { writer: ['shop', 'ordering'] }),
      given(shape, { ...second, writer: ['shop', 'feedback'] }),
    ],
    [
      'not every service may write it (a writer stays: readers would refuse what it has ' +
        "written): name '*' among its writers again.",
      promise(shape, { writer: '*' }),
      given(shape, { ...second, writer: 'shop' }),
    ],
  ])('%s', (why, promised, { event, events }) => {
    const files = { 'Moved.1.json': promised, 'Moved.2.json': schemaOf(event) };
    expect(sentences(events, files)).toEqual([`breaking: Moved.1.json promised otherwise: ${why}`]);
  });

  it('but not one more writer', () => {
    const { event, events } = given(shape, { ...second, writer: '*' });
    const files = { 'Moved.1.json': promise(shape), 'Moved.2.json': schemaOf(event) };
    expect(sentences(events, files)).toEqual([]);
  });
});

it('wants the schema and an upcast of every older version', () => {
  const upcast = () => ({});
  const second = given({}, { version: 2, upcasts: { 1: upcast } });
  const files = { 'Moved.2.json': schemaOf(second.event) };
  expect(sentences(second.events, files)).toEqual([
    'breaking: Moved.1.json is gone: restore it (its events are in the archive; a version goes up ' +
      'by one).',
  ]);
  const third = given({}, { version: 3, upcasts: { 1: upcast } });
  expect(
    sentences(third.events, {
      'Moved.1.json': schemaOf(by1),
      ...files,
      'Moved.3.json': schemaOf(third.event),
    }),
  ).toEqual([
    'breaking: Moved.2.json has no upcast: add upcasts: { 2: (old) => … } to Moved (what it wrote ' +
      'is read as version 3).',
  ]);
});

it('refuses that an event is no longer declared, or in a lower version', () => {
  const files = { 'Moved.1.json': schemaOf(by1), 'Moved.2.json': {}, 'Left.1.json': {} };
  expect(sentences(events, files)).toEqual([
    'breaking: Moved.2.json is beyond version 1 of Moved: raise it again (a version never goes ' +
      'down: the archive has some).',
    'breaking: Left.1.json has no event in the code: declare it again (the archive has some).',
  ]);
});
