import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { generatedFiles } from './base.ts';

/** `npm run k8s`: writes the manifests that follow from manifest.ts. */
const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
const files = generatedFiles(version);
const changed = [...files].filter(
  ([path, text]) => !existsSync(path) || readFileSync(path, 'utf8') !== text,
);
for (const [path, text] of changed) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  console.log(`  ${path}`);
}
console.log(
  changed.length === 0
    ? `${files.size} files: nothing to write.`
    : `${files.size} files; written: ${changed.length}. Next: npm run k8s:check.`,
);
