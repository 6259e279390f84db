import { isDeepStrictEqual } from 'node:util';

/** A JSON Schema, or a part of one. */
export type Schema = Readonly<Record<string, unknown>>;

/** A change that breaks a promise. */
export interface Change {
  /** Where: the path of the field, `lines[].sku`. */
  field: string;
  /** The difference, as a clause: `by has maximum 5, was 9`. */
  what: string;
  rule: string;
}

/** What an event version promises to those who read it. */
export const RULES = {
  field: 'a field stays',
  need: 'a field stays required, or optional, as it was',
  added: 'a new field is optional or has a default',
  limit: 'a limit only gets wider',
  value: 'a value that was allowed stays allowed',
  nature: 'a field keeps its type, form and default',
} as const;
type Rule = keyof typeof RULES;

/**
 * What in `after` would break a reader of `before`, or refuse an event that is archived already.
 * Allowed are new optional properties, wider limits and more enum values; a change that this
 * comparison does not understand counts as breaking.
 */
export function breakingChanges(before: Schema, after: Schema, path = ''): Change[] {
  return [
    ...propertyChanges(before, after, path),
    ...LIMITS.flatMap((limit) => limitChanges(limit, before, after, path)),
    ...enumChanges(before, after, path),
    ...PARTS.flatMap(([keyword, suffix]) => {
      const [old, now] = [before[keyword], after[keyword]];
      if (!isSchema(old) || !isSchema(now)) return otherChange(keyword, before, after, path);
      return breakingChanges(old, now, path + suffix);
    }),
    ...anyOfChanges(before, after, path),
    ...[...new Set([...Object.keys(before), ...Object.keys(after)])]
      .filter((keyword) => !UNDERSTOOD.has(keyword))
      .flatMap((keyword) => otherChange(keyword, before, after, path)),
  ];
}

/** A limit; `open` excludes the limit itself. Higher is narrower where `side` is 1. */
const LIMITS = [
  { closed: 'minimum', open: 'exclusiveMinimum', side: 1 },
  { closed: 'maximum', open: 'exclusiveMaximum', side: -1 },
  { closed: 'minLength', open: null, side: 1 },
  { closed: 'maxLength', open: null, side: -1 },
  { closed: 'minItems', open: null, side: 1 },
  { closed: 'maxItems', open: null, side: -1 },
] as const;
type Limit = (typeof LIMITS)[number];

/** Keywords that hold a schema, with what they add to the path. */
const PARTS = [
  ['items', '[]'],
  ['additionalProperties', '.*'],
  ['propertyNames', '.* (name)'],
] as const;

const UNDERSTOOD = new Set<string>([
  ...['$schema', '$id', 'title', 'description', 'properties', 'required', 'enum', 'anyOf'],
  // Of the topic, not of the data: topic-promises.ts compares them.
  ...['x-key', 'x-kind', 'x-writers'],
  ...PARTS.map(([keyword]) => keyword),
  ...LIMITS.flatMap(({ closed, open }) => (open ? [closed, open] : [closed])),
]);

function propertyChanges(before: Schema, after: Schema, path: string): Change[] {
  const [old, now] = [before, after].map(propertiesOf) as [Properties, Properties];
  const fieldOf = (name: string) => (path === '' ? name : `${path}.${name}`);
  const kept = [...old].flatMap(([name, { schema, need }]) => {
    const field = fieldOf(name);
    const found = now.get(name);
    if (!found) return [change('field', field, 'is gone')];
    const changes = breakingChanges(schema, found.schema, field);
    if (found.need === need) return changes;
    return [change('need', field, `is ${found.need}, was ${need}`), ...changes];
  });
  const added = [...now]
    .filter(([name, { need }]) => !old.has(name) && need === 'required')
    .map(([name]) => change('added', fieldOf(name), 'is new and required'));
  return [...kept, ...added];
}

type Properties = Map<string, { schema: Schema; need: 'required' | 'optional' }>;

function propertiesOf({ properties = {}, required = [] }: Schema): Properties {
  const named = Object.entries(properties as Record<string, Schema>);
  const needed = new Set(required as string[]);
  return new Map(
    named.map(([name, schema]) => [
      name,
      { schema, need: needed.has(name) ? 'required' : 'optional' },
    ]),
  );
}

function limitChanges(limit: Limit, before: Schema, after: Schema, path: string): Change[] {
  const [old, now] = [limitOf(limit, before), limitOf(limit, after)];
  if (!now) return [];
  const further = old ? (now.value - old.value) * limit.side : 1;
  const isNarrower = further > 0 || (further === 0 && now.open && !old!.open);
  if (!isNarrower) return [];
  const what = `has ${now.keyword} ${now.value}, was ${old?.value ?? 'without limit'}`;
  return [change('limit', path, what)];
}

function limitOf({ closed, open }: Limit, schema: Schema) {
  const keyword = open !== null && open in schema ? open : closed;
  const value = schema[keyword];
  return typeof value === 'number' ? { keyword, value, open: keyword === open } : undefined;
}

function enumChanges(before: Schema, after: Schema, path: string): Change[] {
  const [old, now] = [before.enum, after.enum] as (unknown[] | undefined)[];
  if (!old || !now) return otherChange('enum', before, after, path);
  return old
    .filter((value) => !now.includes(value))
    .map((value) => change('value', path, `no longer allows ${JSON.stringify(value)}`));
}

/** Alternatives are compared one by one, in their order. */
function anyOfChanges(before: Schema, after: Schema, path: string): Change[] {
  const [old, now] = [before.anyOf, after.anyOf] as (Schema[] | undefined)[];
  if (old?.length !== now?.length || !old) return otherChange('anyOf', before, after, path);
  return old.flatMap((alternative, i) => breakingChanges(alternative, now![i]!, path));
}

function otherChange(keyword: string, before: Schema, after: Schema, path: string): Change[] {
  const [old, now] = [before[keyword], after[keyword]];
  if (isDeepStrictEqual(old, now)) return [];
  return [change('nature', path, `has ${keyword} ${shown(now)}, was ${shown(old)}`)];
}

function isSchema(value: unknown): value is Schema {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function change(rule: Rule, field: string, what: string): Change {
  return { field, what: `${field === '' ? 'the event' : field} ${what}`, rule: RULES[rule] };
}

const shown = (value: unknown) => (value === undefined ? 'not set' : JSON.stringify(value));
