import { z } from 'zod';
import { parse } from './parse.ts';

const Line = z.object({ sku: z.string().regex(/^[A-Z]+$/), quantity: z.int().positive().max(9) });
const schemas = {
  text: z.string().min(1).max(3),
  pattern: z.string().regex(/^a+$/),
  global: z.string().regex(/a/g),
  url: z.url(),
  number: z.number().min(0).lt(1),
  above: z.number().gt(0).max(2.5),
  int: z.int(),
  whole: z.number().int().min(-1),
  boolean: z.boolean(),
  enum: z.enum(['red', 'green']),
  literal: z.literal(['a', 1]),
  null: z.null(),
  nullable: z.string().nullable(),
  array: z.array(z.int()).min(1).max(2),
  object: Line,
  strict: z.strictObject({ a: z.string() }),
  loose: z.looseObject({ a: z.string() }),
  optional: z.object({
    b: z.string().optional(),
    a: z.int().nullable().optional(),
    c: z.boolean(),
  }),
  defaulted: z.object({ a: z.int().default(7), b: z.int().default(8).optional() }),
  caught: z.object({ a: z.int().catch(7) }),
  undefined: z.object({ a: z.undefined(), b: z.unknown() }),
  record: z.record(Line.shape.sku, Line),
  named: z.record(z.enum(['a', 'b']), z.int()),
  nested: z.object({ lines: z.array(Line), by: z.object({ name: z.string() }).nullable() }),
  refined: z.object({ a: z.int() }).refine(({ a }) => a > 3),
  trimmed: z.object({ a: z.string().trim() }),
  coerced: z.coerce.number(),
  union: z.union([z.string(), z.int()]),
  transformed: z.object({ a: z.string().transform(Number) }),
  piped: z.string().pipe(z.coerce.number()),
};

const line = { sku: 'MUG', quantity: 1 };
const values = [
  ...[
    undefined,
    null,
    true,
    'a',
    'aa',
    'aaaa',
    '',
    ' a ',
    'red',
    '1',
    'https://a.example/',
    '😀😀',
  ],
  ...[0, -0, 1, -1, 0.5, 2.5, 9, 10, NaN, Infinity, 2 ** 53],
  ...[[], [1], [1, 2], [1, 2, 3], ['a'], [line]],
  ...[{}, line, { ...line, more: 1 }, { quantity: 1, sku: 'MUG' }, { ...line, quantity: 0 }],
  ...[{ a: 'a' }, { a: 'a', b: 'b' }, { a: 1, b: 2 }, { a: 5 }, { a: ' x ' }, { a: undefined }],
  ...[{ c: true }, { c: true, b: undefined }, { c: true, a: null }, { a: 1, b: 'b', c: false }],
  ...[{ MUG: line }, { MUG: line, CUP: { ...line, more: 1 } }, { mug: line }, { MUG: 1 }],
  JSON.parse('{"__proto__":{"sku":"MUG","quantity":1},"MUG":{"sku":"MUG","quantity":1}}'),
  ...[{ lines: [line], by: null }, { lines: [], by: { name: 'x', more: 1 } }, { lines: [{}] }],
  Object.assign(Object.create({ sku: 'MUG' }), { quantity: 1 }),
  new Map(),
];

/** What comes out, with the order of keys; what is thrown, with all its issues. */
function outcome(run: () => unknown) {
  try {
    const value = run();
    return { value, keys: JSON.stringify(value) };
  } catch (error) {
    return { issues: (error as z.ZodError).issues };
  }
}

it.each(Object.entries(schemas))('makes of anything what zod makes of it: %s', (_, schema) => {
  for (const value of values) {
    expect(outcome(() => parse(schema, value))).toStrictEqual(outcome(() => schema.parse(value)));
  }
});

it('gives copies: what was parsed can change without them', () => {
  const lines = [{ ...line }];
  const parsed = parse(schemas.nested, { lines, by: null });
  lines[0]!.quantity = 2;
  expect(parsed.lines).toEqual([line]);
});
