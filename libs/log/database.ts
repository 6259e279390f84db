import { Socket } from 'node:net';
import { DataSource } from 'typeorm';
import type { DataSourceOptions, MigrationInterface } from 'typeorm';
import { endOnSilence } from './silence.ts';

/** A service's own database: its entities and migrations, in order. */
export interface ServiceDatabase {
  name: string;
  /** Where its tables are, when not in `public`: each release but the first has a schema of its own. */
  schema?: string;
  entities: readonly (new () => object)[];
  migrations: readonly (new () => MigrationInterface)[];
}

/** Connections a replica may hold: a batch each for its partitions, and some for its doors. */
const MAX_CONNECTIONS = 8;
/** The server itself ends a transaction before: who is silent for longer is gone. */
const SILENCE_MS = 8_000;

const TIMEOUTS = '-c transaction_timeout=5500 -c idle_in_transaction_session_timeout=5000';

/**
 * TypeORM options for a service. A frozen process frees its locks within the Kafka session timeout:
 * both transaction limits are below it, so that the next owner of a partition never waits long.
 */
export function dataSourceOptions(url: string, database: ServiceDatabase): DataSourceOptions {
  return {
    type: 'postgres',
    url,
    entities: [...database.entities],
    migrations: [...database.migrations],
    synchronize: false,
    extra: {
      max: MAX_CONNECTIONS,
      application_name: database.name,
      stream: () => endOnSilence(new Socket(), SILENCE_MS),
      options: [TIMEOUTS, ...(database.schema ? [`-c search_path=${database.schema}`] : [])].join(
        ' ',
      ),
    },
  };
}

/** Runs the migrations that have not run yet. Throws when the database cannot be reached. */
export async function migrate(url: string, database: ServiceDatabase): Promise<void> {
  const dataSource = new DataSource(dataSourceOptions(url, database));
  await dataSource.initialize();
  try {
    if (database.schema) await dataSource.query(`create schema if not exists ${database.schema}`);
    await dataSource.runMigrations({ transaction: 'each' });
  } finally {
    await dataSource.destroy();
  }
}
