import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const pom = resolve('tools/kafka/pom.xml');
const instead = 'or run everything with Docker instead: docker compose up';

const underWay = new Map<string, Promise<void>>();

/**
 * The folder of the broker's jars; fetched with Maven when they are not those of the pom. Once for
 * all the brokers that a process starts together.
 */
export async function ensureJars(dir: string): Promise<void> {
  const fetch = underWay.get(dir) ?? fetchJars(dir).finally(() => underWay.delete(dir));
  underWay.set(dir, fetch);
  await fetch;
}

async function fetchJars(dir: string): Promise<void> {
  const wanted = createHash('sha256').update(readFileSync(pom)).digest('hex');
  const stamp = join(dir, 'pom.sha256');
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === wanted) return;
  const fresh = `${dir}.${process.pid}`;
  mkdirSync(fresh, { recursive: true });
  const goal = 'dependency:copy-dependencies';
  const args = ['-q', '-B', '-f', pom, goal, '-DincludeScope=runtime'];
  try {
    await run('mvn', [...args, `-DoutputDirectory=${resolve(fresh)}`]);
  } catch (error) {
    rmSync(fresh, { recursive: true, force: true });
    throw mavenProblem(error as NodeJS.ErrnoException & { stdout?: string });
  }
  writeFileSync(join(fresh, 'pom.sha256'), wanted);
  rmSync(dir, { recursive: true, force: true });
  renameSync(fresh, dir);
}

function mavenProblem(error: NodeJS.ErrnoException & { stdout?: string }): Error {
  if (error.code === 'ENOENT') {
    return new Error(
      `Maven (mvn) is missing, it fetches the broker's jars: install it, ${instead}.`,
    );
  }
  const said = /^\[ERROR\] (.*)$/m.exec(error.stdout ?? '')?.[1]?.slice(0, 300);
  if (/No space left on device/.test(error.stdout ?? '')) {
    return new Error('The disk is full: free some space and start again.');
  }
  const why = said ?? error.message.split('\n')[0];
  return new Error(`Maven could not fetch the broker's jars ("${why}"): mend that, ${instead}.`);
}

/** The `java` to use. Throws a sentence if there is none, or an old one. */
export async function findJava(env = process.env): Promise<string> {
  const java = env.JAVA_HOME ? join(env.JAVA_HOME, 'bin', 'java') : 'java';
  const said = await run(java, ['-version']).catch(() => null);
  if (!said) throw new Error(`Java 17 or newer is missing (${java}): install one, ${instead}.`);
  const version = javaVersion(said.stderr + said.stdout);
  if (version >= 17) return java;
  throw new Error(
    `${java} is Java ${version}, the broker needs 17 or newer: install one, ${instead}.`,
  );
}

/** The feature number in what `java -version` prints; 0 if it cannot be read. */
export function javaVersion(said: string): number {
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(said) ?? [];
  return Number(first === '1' ? second : (first ?? 0)); // Java 8 calls itself 1.8.
}
