import { z } from 'zod';
import { breakingChanges, RULES } from './compatibility.ts';
import type { Schema } from './compatibility.ts';

const shape = {
  id: z.string().regex(/^[A-Z]+$/),
  note: z.string().min(2).max(10).optional(),
  amount: z.int().min(1).max(9),
  share: z.number().gt(0).lt(1),
  tags: z.array(z.string().max(5)).min(1).max(3),
  state: z.enum(['on', 'off']),
  optedOut: z.boolean().default(false),
  counts: z.record(z.string().max(4), z.int().min(0)),
  place: z.object({ row: z.int().max(5) }).nullable(),
};

function changes(after: z.ZodRawShape, before: z.ZodRawShape = shape): string[] {
  const [old, now] = [before, after].map((fields) =>
    z.toJSONSchema(z.object(fields), { io: 'input', target: 'draft-7' }),
  );
  return said(old as Schema, now as Schema);
}

const said = (before: Schema, after: Schema) =>
  breakingChanges(before, after).map(({ what }) => what);

function without(name: keyof typeof shape): z.ZodRawShape {
  const { [name]: _, ...rest } = shape;
  return rest;
}

describe('allowed', () => {
  it.each<[string, z.ZodRawShape]>([
    ['no change', {}],
    ['a new optional property', { more: z.string().optional() }],
    ['a new property with a default', { more: z.string().default('') }],
    ['wider limits of a text', { note: z.string().min(1).max(20).optional() }],
    ['no limits of a text', { note: z.string().optional() }],
    ['wider limits of a number', { amount: z.int().min(0).max(10) }],
    ['a limit that was excluded', { share: z.number().min(0).max(1) }],
    ['wider limits of an array', { tags: z.array(z.string().max(6)).min(0).max(4) }],
    ['more values', { state: z.enum(['on', 'standby', 'off']) }],
    ['wider values of a record', { counts: z.record(z.string().max(5), z.int().min(-1)) }],
    [
      'a new optional property further down',
      {
        place: z.object({ row: z.int().max(6), seat: z.int().optional() }).nullable(),
      },
    ],
    ['another description', { amount: z.int().min(1).max(9).describe('How much.') }],
  ])('%s', (_, change) => {
    expect(changes({ ...shape, ...change })).toEqual([]);
  });
});

describe('breaking', () => {
  it.each<[string, z.ZodRawShape]>([
    ['more is new and required', { more: z.string() }],
    ['note is required, was optional', { note: z.string().min(2).max(10) }],
    ['amount is optional, was required', { amount: z.int().min(1).max(9).optional() }],
    ['amount has minimum 2, was 1', { amount: z.int().min(2).max(9) }],
    ['amount has maximum 8, was 9', { amount: z.int().min(1).max(8) }],
    ['amount has exclusiveMinimum 1, was 1', { amount: z.int().gt(1).max(9) }],
    ['amount has exclusiveMaximum 9, was 9', { amount: z.int().min(1).lt(9) }],
    ['amount has type "number", was "integer"', { amount: z.number().min(1).max(9) }],
    ['amount has multipleOf 3, was not set', { amount: z.int().min(1).max(9).multipleOf(3) }],
    ['note has minLength 3, was 2', { note: z.string().min(3).max(10).optional() }],
    ['note has maxLength 9, was 10', { note: z.string().min(2).max(9).optional() }],
    ['tags has minItems 2, was 1', { tags: z.array(z.string().max(5)).min(2).max(3) }],
    ['tags has maxItems 2, was 3', { tags: z.array(z.string().max(5)).min(1).max(2) }],
    ['tags[] has maxLength 4, was 5', { tags: z.array(z.string().max(4)).min(1).max(3) }],
    [
      'tags[] has minLength 1, was without limit',
      {
        tags: z.array(z.string().min(1).max(5)).min(1).max(3),
      },
    ],
    ['id has pattern "^[a-z]+$", was "^[A-Z]+$"', { id: z.string().regex(/^[a-z]+$/) }],
    ['state no longer allows "off"', { state: z.enum(['on']) }],
    ['state has enum not set, was ["on","off"]', { state: z.string() }],
    ['optedOut has default true, was false', { optedOut: z.boolean().default(true) }],
    ['counts.* has minimum 1, was 0', { counts: z.record(z.string().max(4), z.int().min(1)) }],
    [
      'counts.* (name) has maxLength 3, was 4',
      {
        counts: z.record(z.string().max(3), z.int().min(0)),
      },
    ],
    ['place.row has maximum 4, was 5', { place: z.object({ row: z.int().max(4) }).nullable() }],
    ['place.row is gone', { place: z.object({}).nullable() }],
  ])('%s', (clause, change) => {
    expect(changes({ ...shape, ...change })).toEqual([clause]);
  });

  it('a property that is gone', () => {
    expect(changes(without('optedOut'))).toEqual(['optedOut is gone']);
  });

  it('one alternative more', () => {
    const [before, after] = [{ anyOf: [{ type: 'null' }] }, { anyOf: [] }];
    const clause = 'the event has anyOf [], was [{"type":"null"}]';
    expect(said(before, after)).toEqual([clause]);
    expect(said(after, before)).toHaveLength(1);
  });

  it('an alternative that is narrower', () => {
    expect(
      changes({ a: z.union([z.int(), z.string().max(3)]) }, { a: z.union([z.int(), z.string()]) }),
    ).toEqual(['a has maxLength 3, was without limit']);
  });
});

it.each<[keyof typeof RULES, string, z.ZodRawShape]>([
  ['field', 'note', without('note')],
  ['need', 'note', { ...shape, note: z.string().min(2).max(10) }],
  [
    'added',
    'place.seat',
    { ...shape, place: z.object({ row: z.int().max(5), seat: z.int() }).nullable() },
  ],
  ['limit', 'tags[]', { ...shape, tags: z.array(z.string().max(4)).min(1).max(3) }],
  ['value', 'state', { ...shape, state: z.enum(['on']) }],
  ['nature', 'share', { ...shape, share: z.string() }],
  ['nature', 'optedOut', { ...shape, optedOut: z.boolean().default(true) }],
])('names the rule that is broken, and the field: %s, %s', (rule, field, after) => {
  const [old, now] = [shape, after].map((fields) =>
    z.toJSONSchema(z.object(fields), { io: 'input' }),
  );
  const changes = breakingChanges(old as Schema, now as Schema);
  expect(changes).toContainEqual({ field, what: expect.any(String), rule: RULES[rule] });
});
