import { execFile } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/* Each patch in test/mutants breaks one guarantee of the loop; the search has to notice. */
const mutants = readdirSync('test/mutants').map((file) => file.replace(/\.patch$/, ''));
/** How long the search may take, ms, and how long the history it comes up with may be. */
const LIMIT_MS = 60_000;
const MAX_STEPS = 12;

let dir: string;
// One folder for all: what a patch leaves alone is compiled once.
beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'streamside-mutant-'));
  const config = ['package.json', 'jest.config.mjs', 'test/lanes.mjs'];
  for (const part of [...config, 'manifest.ts', 'libs', 'test/search']) {
    cpSync(part, join(dir, part), { recursive: true });
  }
  symlinkSync(resolve('node_modules'), join(dir, 'node_modules'));
});
afterAll(() => rmSync(dir, { recursive: true, force: true }));

test.each(mutants)(
  'the search finds %s',
  async (mutant) => {
    const patch = resolve('test/mutants', `${mutant}.patch`);
    const { failed: stale } = await run('git', ['apply', patch]);
    expect(stale).toBe(false); // Otherwise the patch has to follow the code.
    const jest = ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js'];
    const search = [...jest, 'test/search/search.test.ts', '-t', 'whatever happens'];
    // A patch may say with which seed its mutant is found soonest.
    const [, seed = '1'] = /SEARCH_SEED=(\d+)/.exec(readFileSync(patch, 'utf8')) ?? [];
    const { failed, said } = await run(process.execPath, search, seed);
    await run('git', ['apply', '-R', patch]);
    expect(failed).toBe(true);
    const [, counterexample] = /Counterexample: \[(\{.*\})\]$/m.exec(said) ?? [undefined, said];
    const { steps } = JSON.parse(counterexample!) as { steps: unknown[] };
    expect(steps.length).toBeLessThanOrEqual(MAX_STEPS);
  },
  LIMIT_MS + 5000,
);

function run(file: string, args: string[], seed = '1'): Promise<{ failed: boolean; said: string }> {
  const env = {
    PATH: process.env['PATH'],
    SEARCH_RUNS: '20000',
    SEARCH_SHRINK: 'no',
    SEARCH_SEED: seed,
  };
  const options = { cwd: dir, env, timeout: LIMIT_MS, maxBuffer: 10_000_000 };
  return new Promise((done) => {
    execFile(file, args, options, (error, stdout, stderr) =>
      done({ failed: error !== null, said: stdout + stderr }),
    );
  });
}
