import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { services } from '../../manifest.ts';
import { freePorts } from '../start/ports.ts';
import { step } from '../start/progress.ts';

const SECRETS = 'deploy/development-secrets';
const JEST = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];

/**
 * `npm run test:compose`: builds the image, starts everything under a project name and on ports of
 * its own, runs the journeys of a browser and the tests of test/compose against it, and takes it
 * down. Returns the exit code.
 */
export async function main(): Promise<number> {
  if (spawnSync('docker', ['info'], { stdio: 'ignore' }).status !== 0) {
    console.error('No Docker engine answers: start Docker, then npm run test:compose again.');
    return 1;
  }
  const env = await environment();
  // Ctrl-C reaches the child too; then everything is taken down, as after the last test.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => undefined);
  const run = (file: string, ...args: string[]) => runOrThrow(file, args, env);
  try {
    await step('image', () => run('docker', 'compose', 'build', '--quiet'));
    const up = ['compose', '--progress=quiet', 'up', '--wait', '--scale=simulator=0'];
    await step('start', () => run('docker', ...up));
    await run(process.execPath, ...JEST, 'test/acceptance/journey.test.ts');
    const own = ['--selectProjects', 'alone', '--testMatch', '<rootDir>/test/compose/*.docker.ts'];
    await run(process.execPath, ...JEST, ...own);
    console.log('\nAll is well: docker compose up gives this to whoever has Docker.');
    return 0;
  } catch (error) {
    console.error(`\n${(error as Error).message}`);
    return 1;
  } finally {
    const down = ['compose', '--progress=quiet', '--profile', '*', 'down', '--volumes'];
    await run('docker', ...down).catch(() => undefined);
  }
}

/** Nothing in it collides with a system that runs already. */
async function environment(): Promise<NodeJS.ProcessEnv> {
  const [shop, collector, simulator, kafka, postgres, prometheus] = await freePorts(6);
  const secretOf = (name: string) => readFileSync(join(SECRETS, name), 'utf8').trim();
  const databaseUrls = services
    .filter(({ database }) => database)
    .map(({ name }) => {
      const url = new URL(secretOf(`${name}-database-url`));
      url.host = `127.0.0.1:${postgres}`;
      return [name, url.href];
    });
  const system = {
    shopUrl: `http://localhost:${shop}`,
    collectorUrl: `http://localhost:${collector}`,
    brokers: [`localhost:${kafka}`],
    databaseUrls: Object.fromEntries(databaseUrls),
  };
  return {
    ...process.env,
    COMPOSE_PROJECT_NAME: `streamside-test-${process.pid}`,
    SHOP_PORT: `${shop}`,
    COLLECTOR_PORT: `${collector}`,
    SIMULATOR_PORT: `${simulator}`,
    KAFKA_PORT: `${kafka}`,
    POSTGRES_PORT: `${postgres}`,
    PROMETHEUS_PORT: `${prometheus}`,
    TEST_SYSTEM: JSON.stringify(system),
    TEST_KAFKA_BROKERS: system.brokers.join(','),
    TEST_DELIVERIES_SECRET: secretOf('deliveries-secret'),
    KAFKA_USERNAME: 'admin',
    KAFKA_PASSWORD: secretOf('admin-kafka-password'),
    KAFKA_SASL_MECHANISM: 'plain',
  };
}

/** Runs it to its end. Throws a sentence when it fails; what it said stands above that. */
function runOrThrow(file: string, args: string[], env: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(file, args, { stdio: ['ignore', 'inherit', 'inherit'], env });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => {
      const name = args.filter((arg) => !arg.startsWith('-')).slice(0, 2);
      if (code === 0) resolve();
      else reject(new Error(`Failed: ${name.join(' ')}. The reason is printed above.`));
    });
  });
}
