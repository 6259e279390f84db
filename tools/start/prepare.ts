import { migrate } from '#log/database';
import { readSecurity } from '#log/security';
import { withFiles } from '#service/config';
import { prepareLog } from '../kafka/prepare-log.ts';
import { step } from './progress.ts';
import { secretsIn, secretsOf } from './given-secrets.ts';
import { parseRunning } from './running.ts';
import { databasesOf } from './service-database.ts';

/*
 * What has to be there before anybody subscribes: the log and its users, tables. A process of its
 * own, so that the launcher stays small and `npm run dev` runs the newest migrations.
 */

const { KAFKA_BROKERS = '', SECRETS_DIR, FIRST_FACTS, RELEASES = '' } = process.env;
try {
  const running = parseRunning(RELEASES);
  const migrateService = async ([name, url]: [string, string]) => {
    const databases = await databasesOf(name);
    for (const release of running[name as keyof typeof running] ?? Object.keys(databases)) {
      await migrate(url, databases[release]!);
    }
  };
  const security = readSecurity(withFiles(process.env, ['KAFKA_PASSWORD']));
  const { passwords, urls } = SECRETS_DIR ? secretsIn(SECRETS_DIR) : secretsOf(process.env);
  await Promise.all([
    prepareLog({ brokers: KAFKA_BROKERS.split(','), security }, passwords, {
      firstFacts: FIRST_FACTS !== '0',
      running,
    }),
    step('tables', () => Promise.all(Object.entries(urls).map(migrateService))),
  ]);
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
