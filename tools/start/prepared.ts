import { connect } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { topics } from '#contracts/all';
import { dataSourceOptions } from '#log/database';
import { connectKafka, withAdmin } from '#log/kafka';
import { silent } from '#log/log-sink';
import { securityOf } from '#log/security';
import { verifyTopics } from '#log/topics';
import { readConfig, serviceConfig } from '#service/config';
import { services } from '../../manifest.ts';
import { grantsOf } from '../kafka/access.ts';
import { databaseUrlsIn } from './given-secrets.ts';
import { databasesOf, ONLY } from './service-database.ts';

/*
 * `prepared.js shop` waits until the topics and tables of a service are there, `prepared.js --servers`
 * until the broker and the databases answer. An orchestrator runs it before what needs them.
 */

const LIMIT_MS = 600_000;
const PAUSE_MS = 500;

async function topicsAndTables(name: string): Promise<void> {
  const service = services.find((each) => each.name === name);
  if (!service) throw new Error(`manifest.ts has no service ${name}.`);
  const config = readConfig(serviceConfig, z.object({}));
  // Topics of other services' releases come and go: who reads them waits for them itself.
  const { RELEASE = ONLY } = process.env;
  const isFixed = (topic: string) => {
    const tag = topics().get(topic)?.release;
    return !tag || (tag.application === name && tag.release === RELEASE);
  };
  const names = grantsOf(service, topics())
    .flatMap(({ on, name: topic }) => (on === 'topic' ? [topic] : []))
    .filter(isFixed);
  const security = securityOf(config);
  const client = connectKafka(config.KAFKA_BROKERS, `${name}-prepared`, silent, security);
  await until('topics', () =>
    withAdmin(client, async (admin) => {
      const there = new Set(await admin.listTopics());
      const missing = names.find((topic) => !there.has(topic));
      if (missing) throw new Error(`the topic ${missing} is not there yet`);
      await verifyTopics(
        admin,
        service.reads!.filter(isFixed).map((topic) => topics().get(topic)!),
      );
    }),
  );
  if (service.database) await until('tables', () => migrated(name, RELEASE, config.DATABASE_URL!));
}

async function migrated(name: string, release: string, url: string): Promise<void> {
  const database = (await databasesOf(name))[release];
  if (!database) throw new Error(`RELEASE is ${release}, which ${name} has no code for.`);
  const source = new DataSource(dataSourceOptions(url, database));
  await source.initialize();
  try {
    if (await source.showMigrations()) throw new Error('a migration has not run yet');
  } finally {
    await source.destroy();
  }
}

async function servers(brokers: string, secrets: string): Promise<void> {
  const urls = databaseUrlsIn(secrets).map((url) => new URL(url));
  const databases = urls.map(({ hostname, port }) => `${hostname}:${port || 5432}`);
  for (const address of new Set([...brokers.split(','), ...databases])) {
    await until(address, () => answers(address));
  }
}

function answers(address: string): Promise<void> {
  const [host, port] = address.split(':');
  return new Promise((resolve, reject) => {
    const socket = connect({ host: host!, port: Number(port), timeout: 2000 });
    socket.once('connect', () => resolve(void socket.destroy()));
    socket.once('timeout', () => socket.destroy(new Error('does not answer')));
    socket.once('error', reject);
  });
}

/** Tries again until it succeeds, and says once each why not. */
async function until(what: string, attempt: () => Promise<void>): Promise<void> {
  const deadline = Date.now() + LIMIT_MS;
  let said = '';
  for (;;) {
    try {
      await attempt();
      return console.log(`${what}: ready`);
    } catch (error) {
      const { message } = error as Error;
      if (Date.now() > deadline) throw new Error(`${what}: ${message}`);
      if (message !== said) console.log(`${what}: waiting, as ${message}`);
      said = message;
      await pause(PAUSE_MS);
    }
  }
}

// As the first process of a container it would not end by itself, and its pod would stay for the whole grace period.
process.once('SIGTERM', () => process.exit(143));
try {
  const [task] = process.argv.slice(2);
  const { KAFKA_BROKERS = '', SECRETS_DIR = '/run/secrets' } = process.env;
  await (task === '--servers' ? servers(KAFKA_BROKERS, SECRETS_DIR) : topicsAndTables(task ?? ''));
  process.exit(0);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
