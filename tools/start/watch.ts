import { execFile, spawn } from 'node:child_process';
import { existsSync, watch as watchFiles } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { writePid } from './processes.ts';
import { sentenceOf } from './problems.ts';
import type { System } from './system.ts';

/** How long the system may take to tell of files that the compiler has just written. */
const quietMs = 300;

/**
 * Compiles what is changed, and restarts the services it concerns. The pages are built anew too;
 * the shop serves them as they are.
 */
export function watch(system: System, dir: string, say: (line: string) => void): void {
  const changed = new Set<string>();
  let work = Promise.resolve();
  const restartChanged = () => {
    const names = affectedBy([...changed]);
    changed.clear();
    work = work.then(() => restart(system, names, say));
  };
  watchFiles('dist', { recursive: true }, (_, file) => {
    if (file?.endsWith('.js')) changed.add(file);
  });
  const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
  run('tsc', [...compiler, '--watch', '--preserveWatchOutput'], dir, (line) => {
    say(line);
    // What does not compile runs nowhere: the services stay as they are until it does.
    if (line.includes('Found 0 errors')) setTimeout(restartChanged, quietMs);
  });
  if (existsSync('apps/shop/web/index.html')) {
    const vite = ['node_modules/vite/bin/vite.js', 'build', 'apps/shop/web', '--watch'];
    run('vite', [...vite, '--logLevel', 'warn'], dir, say);
  }
  console.log('Watching for changes.');
}

/** Which services run the code in these files of dist; null is all of them. */
export function affectedBy(files: readonly string[]): string[] | null {
  const names = new Set<string>();
  for (const file of files) {
    const [top, name] = file.split(/[\\/]/);
    if (top === 'libs' || file === 'manifest.js') return null;
    if (top === 'apps') names.add(name!);
  }
  return [...names];
}

async function restart(
  system: System,
  names: string[] | null,
  say: (line: string) => void,
): Promise<void> {
  if (names?.length === 0) return;
  try {
    await promisify(execFile)(process.execPath, ['dist/tools/bundle.js']);
    await system.prepare();
    await system.restart(names);
    say(`restarted ${names?.join(', ') ?? 'all services'}`);
  } catch (error) {
    say(sentenceOf(error)); // The next change tries again.
  }
}

function run(name: string, args: string[], dir: string, say: (line: string) => void): void {
  // The standard input stays open: without one, vite's watch takes it that nobody is there.
  const child = spawn(process.execPath, args, { detached: true, stdio: ['pipe', 'pipe', 'pipe'] });
  if (child.pid) writePid(join(dir, 'watch', `${name}.pid`), child.pid);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() !== '') say(`${name}: ${line}`);
    });
  }
}
