import { setTimeout as pause } from 'node:timers/promises';
import { createTopics } from '#log/topics';
import { migrate } from '#log/database';
import type { ServiceDatabase } from '#log/database';
import { appendFirstFacts } from '../first-facts.ts';
import type { DatabaseUrls } from './databases.ts';
import { step } from './progress.ts';

/**
 * What has to be there before anybody subscribes: topics, first facts, tables. A process of its
 * own, so that the launcher stays small and `npm run dev` runs the newest migrations.
 */
async function prepare(brokers: string[], urls: DatabaseUrls): Promise<void> {
  await Promise.all([
    step('tables', () => Promise.all(Object.entries(urls).map(migrateService))),
    (async () => {
      await step(
        'topics',
        () => createTopics(brokers),
        ({ created }) => (created.length > 0 ? `${created.length} created` : ''),
      );
      await step(
        'first facts',
        () => onceLeadersAreKnown(() => appendFirstFacts(brokers)),
        ({ appended }) => (appended > 0 ? `${appended} appended` : ''),
      );
    })(),
  ]);
}

/** A topic that was created a moment ago may not be known to its own broker yet. */
async function onceLeadersAreKnown<T>(work: () => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt === 20 || !(error as { retriable?: boolean }).retriable) throw error;
      await pause(250);
    }
  }
}

async function migrateService([name, url]: [string, string]): Promise<void> {
  const file = `../../apps/${name}/src/database.js`;
  const { database } = (await import(file)) as { database: ServiceDatabase };
  await migrate(url, database);
}

const { KAFKA_BROKERS = '', DATABASE_URLS = '{}' } = process.env;
try {
  await prepare(KAFKA_BROKERS.split(','), JSON.parse(DATABASE_URLS));
} catch (error) {
  console.error((error as Error).message);
  process.exit(1);
}
