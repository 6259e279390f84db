import pg from 'pg';
import { firstReleaseOf } from '#contracts/releases';
import type { ReleaseTag } from '#contracts/releases';
import { withAdmin } from '#log/kafka';
import type { Admin, Kafka } from '#log/kafka';
import { readSecurity } from '#log/security';
import { services } from '../../manifest.ts';
import { connectTool } from '../kafka/connect.ts';
import { urlOf } from '../start/databases.ts';
import { databaseUrlIn } from '../start/given-secrets.ts';
import { loginsOf } from '../start/logins.ts';
import { readSecrets } from '../start/secrets.ts';
import { readSettings } from '../start/settings.ts';
import { until } from '../until.ts';
import { groupsOf, standingOf, topicsOf } from './standing.ts';
import type { Around } from './versions.ts';

const LIMIT_MS = 60_000;
const LOOK_EVERY_MS = 250;

/**
 * Forgets a release whose processes are told to stop and which serves nobody: its groups, its topics, its
 * tables. Throws a sentence when it is still read.
 */
export async function retire(
  tag: ReleaseTag,
  { brokers, out, env }: Pick<Around, 'brokers' | 'out' | 'env'>,
): Promise<void> {
  await withAdmin(await administrator(brokers, env), async (admin) => {
    await untilUnread(admin, tag);
    const groups = await groupsOf(admin, tag);
    if (groups.length > 0) await admin.deleteGroups(groups);
    const there = new Set(await admin.listTopics());
    const names = topicsOf(tag).filter((name) => there.has(name));
    if (names.length > 0) await admin.deleteTopics({ topics: names });
    out.write(`  ${groups.length} groups and ${names.length} topics are gone\n`);
  });
  await dropTables(tag, env);
  out.write('  its tables are gone\n');
}

/** Other services let go of what it derives when they read that it is gone. */
async function untilUnread(admin: Admin, tag: ReleaseTag): Promise<void> {
  const { application, release } = tag;
  let readers = 0;
  const isUnread = async () => {
    ({ readers } = await standingOf(admin, tag));
    return readers === 0;
  };
  const orElse = () =>
    `${readers} members still read ${application} ${release}: stop its processes, then retire it again.`;
  await until(isUnread, { limitMs: LIMIT_MS, everyMs: LOOK_EVERY_MS, orElse });
}

/** Who may delete topics; the operator may not. */
async function administrator(brokers: readonly string[], env: NodeJS.ProcessEnv): Promise<Kafka> {
  const settings = readSettings(env, services);
  const secrets = readSecrets(settings.dir);
  const { admin } = loginsOf(settings, services, (name) => secrets[name] ?? '');
  return connectTool('streamside-versions', brokers, readSecurity({ ...env, ...admin }));
}

async function dropTables(
  { application, release }: ReleaseTag,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  // As in the service's database.ts.
  const schema = release === firstReleaseOf(application) ? 'public' : release;
  const client = new pg.Client({ connectionString: databaseUrl(application, env) });
  await client.connect().catch((error: Error) => {
    throw new Error(
      `The database of ${application} does not answer (${error.message}): set DATABASE_URL.`,
    );
  });
  try {
    await client.query(`drop schema if exists ${schema} cascade`);
    if (schema === 'public') await client.query('create schema public');
  } finally {
    await client.end();
  }
}

function databaseUrl(application: string, env: NodeJS.ProcessEnv): string {
  const { SECRETS_DIR } = env;
  if (SECRETS_DIR) return databaseUrlIn(SECRETS_DIR, application);
  const { dir, databaseUrl: own, postgresPort } = readSettings(env, services);
  const password = readSecrets(dir)[`database ${application}`] ?? '';
  return urlOf(own ?? `postgres://127.0.0.1:${postgresPort}/`, application, password);
}
