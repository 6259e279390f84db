import type { Schema } from './compatibility.ts';

/** Data that fulfils a schema of ours, made up with `random` (0 to 1). */
export function sampleOf(schema: Schema, random: () => number): unknown {
  const { anyOf, type } = schema;
  if (Array.isArray(schema.enum)) return pick(schema.enum, random);
  if (Array.isArray(anyOf)) return sampleOf(pick(anyOf as Schema[], random), random);
  switch (type) {
    case 'object':
      return objectOf(schema, random);
    case 'array': {
      const least = Number(schema.minItems ?? 0);
      const count = between(
        least,
        Math.min(Number(schema.maxItems ?? Infinity), least + 3),
        random,
      );
      return Array.from({ length: count }, () => sampleOf(schema.items as Schema, random));
    }
    case 'string':
      return textOf(schema, random);
    case 'integer':
    case 'number':
      return numberOf(schema, random);
    case 'boolean':
      return random() < 0.5;
    case 'null':
      return null;
    default:
      throw new Error(`No sample can be made of ${JSON.stringify(schema)}: teach sample.ts.`);
  }
}

function objectOf(schema: Schema, random: () => number): Record<string, unknown> {
  const { properties = {}, required = [], propertyNames, additionalProperties } = schema;
  const fields = Object.entries(properties as Record<string, Schema>)
    .filter(([name]) => (required as string[]).includes(name) || random() < 0.5)
    .map(([name, field]) => [name, sampleOf(field, random)] as const);
  const others = propertyNames
    ? [[textOf(propertyNames as Schema, random), sampleOf(additionalProperties as Schema, random)]]
    : [];
  return Object.fromEntries([...fields, ...others]);
}

/** Alphabet and lengths of the patterns in `libs/contracts/values.ts`. */
const PATTERNS: Record<string, [alphabet: string, least: number, most: number]> = {
  '^[A-Za-z0-9-]{8,64}$': ['aB3-', 8, 64],
  '^[A-Z0-9][A-Z0-9-]{1,31}$': ['XYZ789', 2, 32],
  '^[A-Z0-9-]{4,32}$': ['QR5-', 4, 32],
  '^[^\\u0000]*$': ['a Ö/{"\n', 0, 80],
};

function textOf(schema: Schema, random: () => number): string {
  if (schema.contentEncoding === 'base64') return Buffer.from(`${random()}`).toString('base64');
  const [alphabet, least, most] = PATTERNS[String(schema.pattern)] ?? [];
  if (!alphabet) throw new Error(`No sample for the pattern ${schema.pattern}: teach sample.ts.`);
  const shortest = Math.max(least!, Number(schema.minLength ?? 0));
  const longest = Math.min(most!, Number(schema.maxLength ?? Infinity));
  const length = between(shortest, longest, random);
  return Array.from({ length }, () => pick([...alphabet], random)).join('');
}

function numberOf(schema: Schema, random: () => number): number {
  const isWhole = schema.type === 'integer';
  const least = Number(schema.minimum ?? Number(schema.exclusiveMinimum ?? -1_000_001) + 1);
  const most = Number(schema.maximum ?? 1_000_000);
  if (random() < 0.3) return pick([least, most], random);
  return isWhole ? between(least, most, random) : least + random() * (most - least);
}

const between = (least: number, most: number, random: () => number) =>
  Math.min(most, least + Math.floor(random() * (most - least + 1)));

function pick<T>(from: readonly T[], random: () => number): T {
  return from[Math.floor(random() * from.length)]!;
}
