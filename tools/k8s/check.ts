import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PARTITIONS } from '#contracts/contract';
import { services } from '../../manifest.ts';
import { generatedFiles } from './base.ts';
import { build, overlays, ROOT, sources } from './build.ts';
import { review, titleOf } from './rules.ts';
import { Schemas } from './schemas.ts';

/** `npm run k8s:check`: builds every overlay; Kubernetes' schemas and our own rules must hold. */
async function main(): Promise<number> {
  const stale = staleFiles();
  for (const file of stale) {
    console.error(`${file}: is not what manifest.ts says: npm run k8s writes it anew`);
  }
  let found = stale.length;
  const schemas = new Schemas();
  const apps = readdirSync('apps');
  const files = sources();
  for (const overlay of overlays()) {
    const folder = join(ROOT, 'overlays', overlay);
    const manifests = await build(folder);
    const findings = [
      ...manifests.flatMap((manifest) =>
        schemas
          .problemsOf(manifest)
          .map((says) => ({ resource: titleOf(manifest), rule: 'schema', says })),
      ),
      ...review({ manifests, services, apps, partitions: PARTITIONS }),
    ];
    for (const { resource, rule, says } of findings) {
      console.error(`${files.get(resource) ?? folder}: ${resource}: ${rule}: ${says}`);
    }
    const said = findings.length === 0 ? 'well' : `${findings.length} findings`;
    console.log(
      `  ${overlay.padEnd(14)} ${String(manifests.length).padStart(3)} objects   ${said}`,
    );
    found += findings.length;
  }
  console.log(
    found === 0 ? 'All overlays are well.' : 'Mend what is named above: file: resource: rule.',
  );
  return found === 0 ? 0 : 1;
}

function staleFiles(): string[] {
  const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
  return [...generatedFiles(version)]
    .filter(([path, text]) => textOf(path) !== text)
    .map(([path]) => path);
}

function textOf(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

try {
  process.exitCode = await main();
} catch (error) {
  console.error((error as Error).message);
  process.exitCode = 1;
}
