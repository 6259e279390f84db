import fc from 'fast-check';
import type { EventType } from '#contracts/contract';
import type { Schema } from './compatibility.ts';
import { schemaOf } from './schemas.ts';

/** What a text may be made of: one character, or several that belong together. */
export type Letters = 'binary' | fc.Arbitrary<string>;

/** Any data that its constructor accepts. */
export function acceptedBy(event: EventType, letters?: Letters): fc.Arbitrary<unknown> {
  const isAccepted = (data: unknown) => event.schema.safeParse(data).success;
  return dataOf(schemaOf(event), letters).filter(isAccepted);
}

/**
 * Data that fulfils a schema of ours, limits included, as a fast-check arbitrary. (The libraries
 * that derive one from zod were for zod 3.) What only code can say, a `refine`, it does not know.
 */
export function dataOf(schema: Schema, letters: Letters = 'binary'): fc.Arbitrary<unknown> {
  const { anyOf, type } = schema;
  if (Array.isArray(schema.enum)) return fc.constantFrom(...schema.enum);
  if (Array.isArray(anyOf)) return fc.oneof(...anyOf.map((one) => dataOf(one, letters)));
  switch (type) {
    case 'object':
      return objectOf(schema, letters);
    case 'array': {
      const length = { minLength: limit(schema, 'minItems'), maxLength: limit(schema, 'maxItems') };
      return fc.array(dataOf(schema.items as Schema, letters), length);
    }
    case 'string':
      return textOf(schema, letters);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    default:
      throw new Error(`No data can be made of ${JSON.stringify(schema)}: teach arbitrary.ts.`);
  }
}

function objectOf(schema: Schema, letters: Letters): fc.Arbitrary<unknown> {
  const { properties = {}, required = [], propertyNames, additionalProperties } = schema;
  if (propertyNames) {
    const [name, value] = [propertyNames, additionalProperties] as [Schema, Schema];
    const options = { maxKeys: 5, noNullPrototype: true };
    return fc.dictionary(textOf(name, letters), dataOf(value, letters), options);
  }
  const fields = Object.entries(properties as Record<string, Schema>);
  const values = fields.map(([name, field]) => [name, dataOf(field, letters)] as const);
  const requiredKeys = required as string[];
  return fc.record(Object.fromEntries(values), { requiredKeys, noNullPrototype: true });
}

/** The pattern of `text(…)` in `libs/contracts/values.ts`. */
const ANY_TEXT = '^[^\\u0000]*$';

function textOf(schema: Schema, letters: Letters): fc.Arbitrary<string> {
  const [least = 0, most = Infinity] = [limit(schema, 'minLength'), limit(schema, 'maxLength')];
  const fits = (text: string) => text.length >= least && text.length <= most;
  if (schema.contentEncoding === 'base64') return fc.base64String().filter(fits);
  if (schema.pattern !== ANY_TEXT) return fc.stringMatching(new RegExp(`${schema.pattern}`));
  const text = fc.string({ unit: letters, minLength: least, maxLength: Math.min(most, 100) });
  return text.filter((made) => !made.includes('\u0000') && fits(made));
}

function numberOf(schema: Schema): fc.Arbitrary<number> {
  const [min, above] = [limit(schema, 'minimum'), limit(schema, 'exclusiveMinimum')];
  const [max, below] = [limit(schema, 'maximum'), limit(schema, 'exclusiveMaximum')];
  if (schema.type === 'integer') {
    const least = above === undefined ? min : above + 1;
    const most = below === undefined ? max : below - 1;
    return fc.integer({
      min: least ?? Number.MIN_SAFE_INTEGER,
      max: most ?? Number.MAX_SAFE_INTEGER,
    });
  }
  const finite = { noNaN: true, noDefaultInfinity: true };
  const range = { min: above ?? min, minExcluded: above !== undefined };
  const double = fc.double({
    ...finite,
    ...range,
    max: below ?? max,
    maxExcluded: below !== undefined,
  });
  return double.map((made) => made + 0); // JSON has no −0.
}

function limit(schema: Schema, keyword: string): number | undefined {
  return schema[keyword] as number | undefined;
}
