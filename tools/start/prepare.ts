import { migrate } from '#log/database';
import type { ServiceDatabase } from '#log/database';
import { readSecurity } from '#log/security';
import { prepareLog } from '../kafka/prepare-log.ts';
import { step } from './progress.ts';

/*
 * What has to be there before anybody subscribes: the log and its users, tables. A process of its
 * own, so that the launcher stays small and `npm run dev` runs the newest migrations.
 */

async function migrateService([name, url]: [string, string]): Promise<void> {
  const file = `../../apps/${name}/src/database.js`;
  const { database } = (await import(file)) as { database: ServiceDatabase };
  await migrate(url, database);
}

const { KAFKA_BROKERS = '', KAFKA_PASSWORDS = 'null', DATABASE_URLS = '{}' } = process.env;
try {
  const at = { brokers: KAFKA_BROKERS.split(','), security: readSecurity(process.env) };
  const urls = Object.entries<string>(JSON.parse(DATABASE_URLS));
  await Promise.all([
    prepareLog(at, JSON.parse(KAFKA_PASSWORDS)),
    step('tables', () => Promise.all(urls.map(migrateService))),
  ]);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
