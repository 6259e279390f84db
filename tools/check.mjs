/** `npm run check`: everything that needs neither broker nor database. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { checkNode, ensureInstalled, root } from './build.mjs';

process.chdir(root);
checkNode();
ensureInstalled();

const tsc = 'node_modules/typescript/bin/tsc';
const web = 'apps/shop/web/tsconfig.json';
const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];

/** Two lanes, as small machines have two cores; within a lane one check after the other. */
const lanes = [
  [
    { name: 'types', args: [tsc, '-p', 'tsconfig.build.json'], remedy: 'mend them in the code' },
    {
      name: 'types of the web pages',
      args: [tsc, '--noEmit', '-p', web],
      remedy: 'mend them in the code',
      given: web,
    },
    {
      name: 'contracts',
      args: ['dist/tools/contracts/write.js', '--check'],
      remedy: 'npm run contracts, and read what it changed',
      given: 'tools/contracts/write.ts',
    },
    {
      name: 'lint and imports',
      args: ['node_modules/oxlint/bin/oxlint'],
      remedy: 'mend what is marked above',
    },
    {
      name: 'format',
      args: ['node_modules/oxfmt/bin/oxfmt', '--check'],
      remedy: 'npm run format',
    },
  ],
  [{ name: 'specs', args: [...jest, '\\.spec\\.tsx?$'], remedy: 'mend the code, or the spec' }],
];

async function runLane(checks) {
  const failed = [];
  for (const check of checks) {
    if (check.given && !existsSync(check.given)) continue;
    const began = performance.now();
    const { code, said } = await run(check.args);
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(5);
    console.log(`  ${check.name.padEnd(24)} ${code === 0 ? 'ok    ' : 'failed'} ${seconds} s`);
    if (code === 0) continue;
    console.log(said.trimEnd());
    failed.push(check);
  }
  return failed;
}

function run(args) {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let said = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (data) => (said += data));
    child.once('close', (code) => resolve({ code, said }));
  });
}

const failed = (await Promise.all(lanes.map(runLane))).flat();
for (const { name, remedy } of failed) console.log(`\nFailed: ${name}. What to do: ${remedy}.`);
if (failed.length === 0) console.log('\nAll is well: commit.');
process.exitCode = failed.length === 0 ? 0 : 1;
