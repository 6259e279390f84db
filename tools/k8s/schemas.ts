import { readFileSync } from 'node:fs';
import { Ajv2020 } from 'ajv/dist/2020.js';
import type { ErrorObject, ValidateFunction } from 'ajv';
import type { Manifest } from './manifest.ts';

const FILE = 'k8s/schemas/kubernetes-1.34.json';

/** Says what of an object Kubernetes' own schema refuses; an unknown field is refused too. */
export class Schemas {
  private readonly ajv = new Ajv2020({ strict: false, validateFormats: false });
  private readonly byKind = new Map<string, string>();
  private readonly compiled = new Map<string, ValidateFunction>();

  constructor(file = FILE) {
    const schema = JSON.parse(readFileSync(file, 'utf8')) as { $defs: Record<string, Definition> };
    this.ajv.addSchema(schema, 'kubernetes');
    for (const [name, { [KINDS]: kinds = [] }] of Object.entries(schema.$defs)) {
      for (const kind of kinds) this.byKind.set(keyOf(kind), name);
    }
  }

  problemsOf({ apiVersion, kind, ...rest }: Manifest): string[] {
    const [version, group = ''] = apiVersion.split('/').toReversed();
    const name = this.byKind.get(keyOf({ group, version: version!, kind }));
    if (!name) return [`${FILE} has no ${kind} of ${apiVersion}: add it with vendor-schemas.mjs`];
    const validate =
      this.compiled.get(name) ?? this.ajv.compile({ $ref: `kubernetes#/$defs/${name}` });
    this.compiled.set(name, validate);
    if (validate({ apiVersion, kind, ...rest })) return [];
    return [...new Set(validate.errors!.map(sentenceOf))];
  }
}

const KINDS = 'x-kubernetes-group-version-kind';
interface Kind {
  group: string;
  version: string;
  kind: string;
}
interface Definition {
  [KINDS]?: Kind[];
}
const keyOf = ({ group, version, kind }: Kind) => `${group}/${version} ${kind}`;

function sentenceOf({ instancePath, message, keyword, params }: ErrorObject): string {
  const where = instancePath.slice(1).replaceAll('/', '.') || 'the object';
  if (keyword === 'additionalProperties') {
    return `${where} has the unknown field ${params.additionalProperty}`;
  }
  if (keyword === 'enum') return `${where} must be one of ${params.allowedValues.join(', ')}`;
  return `${where} ${message}`;
}
