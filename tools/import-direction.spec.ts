import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { copyFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, resolve } from 'node:path';

/** Lints each source as if it were a file of ours; answers with those that were refused. */
function refused(sources: [file: string, source: string][]): string[] {
  const dir = mkdtempSync(join(tmpdir(), 'imports-'));
  try {
    copyFileSync('.oxlintrc.json', join(dir, '.oxlintrc.json'));
    for (const [i, [file, source]] of sources.entries()) {
      const path = join(dir, placeOf(file, i));
      mkdirSync(dirname(path), { recursive: true });
      writeFileSync(path, `${source}\n`);
    }
    const oxlint = resolve('node_modules/oxlint/bin/oxlint');
    const run = spawnSync(process.execPath, [oxlint, '-f', 'unix'], { cwd: dir, encoding: 'utf8' });
    if (run.status !== 0 && run.status !== 1) throw new Error(run.stdout + run.stderr);
    const isRefused = (file: string, i: number) =>
      run.stdout.split('\n').some((line) => line.includes(`${placeOf(file, i)}:1:`));
    return sources.filter(([file], i) => isRefused(file, i)).map(([, source]) => source);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/** In its folder, under a name of its own. */
const placeOf = (file: string, i: number) => join(dirname(file), `case-${i}.ts`);

const imports = (what: string) => `export * from '${what}';`;

const wrong: [string, string][] = [
  ['apps/shop/src/a', imports('../../ordering/src/order-process.ts')],
  ['apps/shop/src/migrations/a', imports('../../../ordering/src/order-process.ts')],
  ['apps/shop/web/src/pages/a', imports('../../../../feedback/src/visit.ts')],
  ['apps/simulator/src/a', imports('../../shop/src/carts.ts')],
  ['libs/contracts/a', imports('#log/topics')],
  ['libs/contracts/a', imports('../log/topics.ts')],
  ['libs/contracts/a', imports('node:fs')],
  ['libs/log/a', imports('../../apps/shop/src/carts.ts')],
  ['libs/service/a', imports('../../apps/feedback/src/carts.ts')],
  ['libs/service/a', imports('kafkajs')],
  ['tools/a', imports('kafkajs/index.js')],
  ['tools/chaos/checker/a', imports('#log/fold')],
  ['tools/chaos/checker/a', imports('../../../apps/shop/src/cart.ts')],
  ['apps/shop/src/a', "export const client = await import('kafkajs');"],
  ['apps/simulator/src/a', "import { Kafka } from 'kafkajs'; Kafka;"],
  ...['node:http', 'node:https', 'http', 'https', 'undici', 'axios'].map(
    (client): [string, string] => ['apps/ordering/src/a', imports(client)],
  ),
  ['apps/ordering/src/a', "await fetch('http://shop');"],
  ['apps/ordering/src/a', "await globalThis.fetch('http://shop/again');"],
];

const right: [string, string][] = [
  ['apps/shop/src/migrations/a', imports('../entities.ts')],
  ['apps/shop/src/a', imports('../../../manifest.ts')],
  ['apps/shop/src/a', imports('#log/on')],
  ['apps/shop/web/src/pages/a', imports('../../../src/cart.ts')],
  ['apps/shop/web/src/pages/a', "await fetch('/api/me');"],
  ['apps/simulator/src/a', "await fetch('http://door');"],
  ['libs/contracts/a', imports('zod')],
  ['libs/contracts/a', imports('./values.ts')],
  ['libs/log/a', imports('kafkajs')],
  ['tools/a', imports('../apps/shop/src/cart.ts')],
  ['tools/chaos/a', imports('kafkajs')],
  ['tools/chaos/checker/a', imports('kafkajs')],
  ['test/guarantees/a', imports('kafkajs')],
];

test('imports against the direction are refused', () => {
  expect(refused(wrong)).toEqual(wrong.map(([, source]) => source));
});

test('imports with the direction pass', () => {
  expect(refused(right)).toEqual([]);
});
