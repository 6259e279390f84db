import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import type { Manifest } from './manifest.ts';

export const ROOT = 'k8s';
const builders = [
  ['kubectl', 'kustomize'],
  ['kustomize', 'build'],
] as const;

export function overlays(): string[] {
  return readdirSync(join(ROOT, 'overlays')).toSorted();
}

/** What would be applied. Throws a sentence when nothing can build it, or it cannot be built. */
export async function build(folder: string): Promise<Manifest[]> {
  for (const [program, command] of builders) {
    try {
      const { stdout } = await promisify(execFile)(program, [command, folder], {
        maxBuffer: 16 * 1024 * 1024,
      });
      return parse(stdout, folder);
    } catch (error) {
      const { code, stderr, message } = error as Error & { code?: unknown; stderr?: string };
      if (code !== 'ENOENT') throw new Error(`${folder}: ${stderr?.trim() || message}`);
    }
  }
  throw new Error(
    'Neither kubectl nor kustomize is there to build the overlays: install one of them ' +
      '(kubectl 1.27 or newer, kustomize 5 or newer).',
  );
}

/** The objects in a YAML text. Throws a sentence that names the file. */
export function parse(text: string, file: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    const [error] = document.errors;
    if (error) throw new Error(`${file}: ${error.message.split('\n')[0]}`);
    const manifest = document.toJS() as Manifest | null;
    return manifest ? [manifest] : [];
  });
}

/** In which file an object is written, by `kind name`; an overlay's patch of it comes after that. */
export function sources(): Map<string, string> {
  const files = readdirSync(ROOT, { recursive: true, encoding: 'utf8' });
  const yaml = files.filter((file) => file.endsWith('.yaml')).map((file) => join(ROOT, file));
  return new Map(
    yaml.toReversed().flatMap((file) =>
      parse(readFileSync(file, 'utf8'), file)
        .filter(({ metadata }) => metadata?.name)
        .map(({ kind, metadata }) => [`${kind} ${metadata.name}`, file] as const),
    ),
  );
}
