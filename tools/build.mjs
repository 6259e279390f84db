/** Installs and builds what is missing or old; plain JavaScript, as it runs before any build. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, readdirSync, statSync, utimesSync } from 'node:fs';
import { writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));
const oldestNode = [20, 19];
const web = 'apps/shop/web';

/** Ends the process with one sentence that says what to do. */
export function fail(sentence) {
  console.error(`\n${sentence}`);
  process.exit(1);
}

/** A module of the build, by its path in dist. */
export async function built(path) {
  return import(`../dist/${path}`).catch(({ code, message }) => {
    const [why] = message.split('\n');
    if (code !== 'ERR_MODULE_NOT_FOUND') fail(`dist/${path} does not start: ${why}`);
    fail(`The build is not complete (${why}): npm run build says why.`);
  });
}

/** Does the work, says how long it took, and returns whether it succeeded. */
function step(name, work) {
  const started = performance.now();
  const done = work();
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(5);
  console.log(`  ${name.padEnd(14)} ${seconds} s${done ? '' : '   failed'}`);
  return done;
}

export function checkNode() {
  const [major, minor] = process.versions.node.split('.').map(Number);
  const [wantMajor, wantMinor] = oldestNode;
  if (major > wantMajor || (major === wantMajor && minor >= wantMinor)) return;
  const wanted = oldestNode.join('.');
  fail(
    `Node ${process.versions.node} is too old, Streamside needs ${wanted} or newer: install it.`,
  );
}

/**
 * Brings node_modules, dist and dist/web up to date. Errors in our own sources end the process,
 * or, with `goOn`, are said and returned: then whatever does build can be tried.
 */
export function prepare({ goOn = false } = {}) {
  process.chdir(root);
  checkNode();
  if (process.platform === 'win32') {
    fail('Windows itself is not supported: use WSL, or run it with Docker: docker compose up');
  }
  ensureInstalled();
  const code = ['apps', 'libs', 'test', 'bench', 'tools', 'manifest.ts'];
  const settings = ['tsconfig.json', 'package-lock.json'];
  const isOld = newest([...code, ...settings], /\.(ts|json)$/) > stampOf('dist/.built');
  const compiled = !isOld || step('build', compile);
  if (!compiled && !goOn) fail('Mend the type errors above, then start again.');
  const webBuilt = !webIsOld() || step('web', buildWeb);
  if (!webBuilt && !goOn) fail('Mend the web pages for the reason above, then start again.');
  return { sound: compiled && webBuilt };
}

function webIsOld() {
  if (!existsSync(`${web}/index.html`)) return false;
  return newest([web, 'libs/contracts'], /./) > stampOf('dist/web/.built');
}

export function ensureInstalled() {
  if (!installed()) step('install', install);
}

/** Is everything the lock file names there, in that version? */
function installed() {
  if (!existsSync('node_modules/.package-lock.json')) return false;
  const read = (file) => JSON.parse(readFileSync(file, 'utf8')).packages;
  const there = read('node_modules/.package-lock.json');
  return Object.entries(read('package-lock.json')).every(
    ([path, { version, optional }]) => path === '' || optional || there[path]?.version === version,
  );
}

function install() {
  const { status, error } = spawnSync('npm', ['ci', '--no-progress', '--loglevel=error'], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (error) fail(`npm cannot be started (${error.code}): install it together with Node.`);
  if (status !== 0) fail('npm ci failed, for the reason above: mend that, then start again.');
  return true;
}

function compile() {
  // Taken before: what changes while the compiler runs is newer than the stamp.
  const began = new Date();
  // With errors it writes all the same, and what it wrote can be tried.
  const compiled = run('node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json');
  const bundled = run('dist/tools/bundle.js');
  if (compiled && bundled) stamp('dist/.built', began);
  return compiled && bundled;
}

function buildWeb() {
  const began = new Date();
  const done = run('node_modules/vite/bin/vite.js', 'build', web, '--logLevel', 'error');
  if (done) stamp('dist/web/.built', began);
  return done;
}

function run(...script) {
  return spawnSync(process.execPath, script, { stdio: 'inherit' }).status === 0;
}

function stamp(file, time) {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, '');
  utimesSync(file, time, time);
}

function stampOf(file) {
  return statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** When the newest of these files was changed; of folders, whatever is in them and matches. */
function newest(paths, pattern) {
  let latest = 0;
  for (const path of paths) {
    const stat = statSync(path, { throwIfNoEntry: false });
    if (!stat) continue;
    if (stat.isDirectory()) {
      const inside = readdirSync(path).filter((name) => name !== 'node_modules');
      latest = Math.max(
        latest,
        newest(
          inside.map((name) => join(path, name)),
          pattern,
        ),
      );
    } else if (pattern.test(path)) latest = Math.max(latest, stat.mtimeMs);
  }
  return latest;
}
