import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { withoutLogin } from '../start/logins.ts';
import { withOwnServers } from '../start/own-servers.ts';
import type { OwnServers } from '../start/own-servers.ts';

/** Jest waits for ever for a test that leaves something open; a whole run takes some minutes. */
const LIMIT_MINUTES = 40;

/**
 * Runs Jest with a broker and a database of its own, on free ports and in a temporary folder, so
 * that it works beside a running system. Returns the exit code.
 */
export async function runTests(args: string[], sound: boolean): Promise<number> {
  try {
    return await withOwnServers('test', { durable: false }, async (servers) => {
      const exitCode = await runJest(args, servers);
      const { line, failed } = summary(join(servers.dir, 'results.json'));
      if (!sound) console.log('\nThe build failed, for the reason printed above the tests.');
      console.log(`\n${line}`);
      return exitCode !== 0 || failed > 0 || !sound ? 1 : 0;
    });
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    return 1;
  }
}

function runJest(args: string[], { dir, brokers, adminUrl }: OwnServers): Promise<number> {
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const order = ['--testSequencer', './test/longest-first.mjs'];
  const results = ['--json', '--outputFile', join(dir, 'results.json')];
  const child = spawn(process.execPath, [...jest, ...order, ...results, ...args], {
    // The JSON goes to the file and, again, to the standard output, where nobody wants it.
    stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      ...withoutLogin(process.env),
      TEST_KAFKA_BROKERS: brokers.join(','),
      TEST_DATABASE_URL: adminUrl,
      TEST_DIR: dir,
    },
  });
  // Jest ends first; then the servers are stopped. Before this, the guard stops what was started.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  const limit = setTimeout(() => {
    console.error(`\nThe tests have not ended after ${LIMIT_MINUTES} minutes: they are stopped.`);
    child.kill('SIGKILL');
  }, LIMIT_MINUTES * 60_000);
  return new Promise((resolve) => {
    child.once('close', (code) => {
      clearTimeout(limit);
      resolve(code ?? 1);
    });
  });
}

/** The last line of a run, from Jest's own results. */
export function summary(file: string): { line: string; failed: number } {
  if (!existsSync(file)) return { line: '0 passed, 1 failed', failed: 1 };
  const results = JSON.parse(readFileSync(file, 'utf8')) as {
    numPassedTests: number;
    numFailedTests: number;
    /** Suites that could not even be loaded; Jest counts no test of theirs. */
    numRuntimeErrorTestSuites: number;
  };
  const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
  return { line: `${results.numPassedTests} passed, ${failed} failed`, failed };
}
