import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, watch as watchFiles } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { writePid } from './processes.ts';
import { sentenceOf } from './problems.ts';
import type { System } from './system.ts';

/** A compiler writes many files, one after the other: wait until it is quiet. */
const quietMs = 300;

/**
 * Compiles what is changed, and restarts the services it concerns. The pages are built anew too;
 * the shop serves them as they are.
 */
export function watch(system: System, dir: string, say: (line: string) => void): void {
  const compiler = ['node_modules/typescript/bin/tsc', '-p', 'tsconfig.build.json'];
  run('tsc', [...compiler, '--watch', '--preserveWatchOutput'], dir, say);
  if (existsSync('apps/shop/web/index.html')) {
    const vite = ['node_modules/vite/bin/vite.js', 'build', 'apps/shop/web', '--watch'];
    run('vite', [...vite, '--logLevel', 'warn'], dir, say);
  }
  const changed = new Set<string>();
  let timer: NodeJS.Timeout | undefined;
  let work = Promise.resolve();
  watchFiles('dist', { recursive: true }, (_, file) => {
    if (!file?.endsWith('.js')) return;
    changed.add(file);
    clearTimeout(timer);
    timer = setTimeout(() => {
      const names = affectedBy([...changed]);
      changed.clear();
      work = work.then(() => restart(system, names, say));
    }, quietMs);
  });
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
  mkdirSync(join(dir, 'watch'), { recursive: true });
  if (child.pid) writePid(join(dir, 'watch', `${name}.pid`), child.pid);
  for (const stream of [child.stdout, child.stderr]) {
    createInterface({ input: stream }).on('line', (line) => {
      if (line.trim() !== '') say(`${name}: ${line}`);
    });
  }
}
