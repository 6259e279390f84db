import type { Schema } from './compatibility.ts';

/** Data with exactly one fault. */
export interface Fault {
  what: string;
  /** The field at fault, as an error names it: `customer.email`. */
  field: string;
  data: unknown;
}

type Path = readonly (string | number)[];

/** A value that is wrong at its place; `absent` where a field is left out. */
type Wrong = readonly [what: string, value: unknown];
const absent = Symbol('absent');

/** Every single fault that `good`, which fulfils the schema, can be given. */
export function faultsOf(schema: Schema, good: unknown): Fault[] {
  return placesOf(schema, good, []).flatMap(({ path, wrong }) =>
    wrong.map(([what, value]) => ({
      what,
      field: path.length > 0 ? path.join('.') : '(body)',
      data: replaced(good, path, value),
    })),
  );
}

function placesOf(schema: Schema, value: unknown, path: Path): { path: Path; wrong: Wrong[] }[] {
  if (Array.isArray(schema.anyOf)) {
    const [one, other] = schema.anyOf as [Schema, Schema];
    if (other.type !== 'null') throw new Error('Only “or null” is known: teach faults.ts.');
    return value === null ? [] : placesOf(one, value, path);
  }
  const here = { path, wrong: wrongsOf(schema, value) };
  return [here, ...partsOf(schema, value).flatMap((part) => placesInside(part, path))];
}

interface Part {
  name: string | number;
  schema: Schema;
  value: unknown;
  required: boolean;
}

function placesInside({ name, schema, value, required }: Part, path: Path) {
  const inside = [...path, name];
  const left = { path: inside, wrong: [['left out', absent]] satisfies Wrong[] };
  return [...(required ? [left] : []), ...placesOf(schema, value, inside)];
}

function partsOf(schema: Schema, value: unknown): Part[] {
  if (Array.isArray(value)) {
    const items = schema.items as Schema;
    return value.map((item, i) => ({ name: i, schema: items, value: item, required: false }));
  }
  if (schema.type !== 'object') return [];
  const { properties = {}, required = [], additionalProperties } = schema;
  return Object.entries(value as object).map(([name, field]) => ({
    name,
    schema: ((properties as Record<string, Schema>)[name] ?? additionalProperties) as Schema,
    value: field,
    required: (required as string[]).includes(name),
  }));
}

/** What cannot stand in place of `value`, for each thing that the schema says of it. */
function wrongsOf(schema: Schema, value: unknown): Wrong[] {
  const { type, minimum, maximum, exclusiveMinimum, minLength, maxLength, minItems, maxItems } =
    schema as Record<string, number | undefined>;
  const wrong: Wrong[] = [['of another type', typeof value === 'string' ? 7 : 'seven']];
  if (Array.isArray(schema.enum)) return [...wrong, ['no value of the enum', 'no such value']];
  if (String(type) === 'integer') wrong.push(['not whole', 0.5]);
  if (minimum !== undefined) wrong.push(['below the minimum', minimum - 1]);
  if (exclusiveMinimum !== undefined) wrong.push(['not above the minimum', exclusiveMinimum]);
  if (maximum !== undefined) wrong.push(['above the maximum', maximum + 1]);
  if (minLength !== undefined) wrong.push(['too short', 'x'.repeat(minLength - 1)]);
  if (maxLength !== undefined) wrong.push(['too long', 'x'.repeat(maxLength + 1)]);
  if (typeof value === 'string') wrong.push(['text with U+0000', `${value}\u0000`]);
  if (!Array.isArray(value)) return wrong;
  if (minItems !== undefined) wrong.push(['of too few', value.slice(0, minItems - 1)]);
  if (maxItems !== undefined) wrong.push(['of too many', Array(maxItems + 1).fill(value[0] ?? {})]);
  return wrong;
}

/** A copy in which the value at `path` is another. */
function replaced(node: unknown, [name, ...rest]: Path, value: unknown): unknown {
  if (name === undefined) return value;
  const copy: any = Array.isArray(node) ? [...node] : { ...(node as object) };
  if (value === absent && rest.length === 0) delete copy[name];
  else copy[name] = replaced(copy[name], rest, value);
  return copy;
}
