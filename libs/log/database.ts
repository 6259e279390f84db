import { DataSource, QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import type { DataSourceOptions, MigrationInterface } from 'typeorm';
import { PipelinedClient } from './pipelined.ts';

/** A service's own database: its entities and migrations, in order. */
export interface ServiceDatabase {
  name: string;
  /** Where its tables are, when not in `public`: each release but the first has a schema of its own. */
  schema?: string;
  entities: readonly (new () => object)[];
  migrations: readonly (new () => MigrationInterface)[];
}

/** Connections a replica may hold. */
const MAX_CONNECTIONS = 8;
/**
 * Of these, the delivery loops of all its groups together. The others are for its doors: a service
 * that catches up has dozens of partitions, and a request asks several times, each time in line.
 */
export const BATCH_CONNECTIONS = 4;

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
      Client: PipelinedClient,
      application_name: [database.name, database.schema].filter(Boolean).join('-'),
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

/** Did the database give no answer, so that the same may succeed a moment later? */
export function isDatabaseAway(error: unknown): boolean {
  // TypeORM lets go of a connection that ends in the middle of a transaction.
  if (error instanceof QueryRunnerAlreadyReleasedError) return true;
  const cause: unknown = error instanceof QueryFailedError ? error.driverError : error;
  const { code, message } = Object(cause) as { code?: unknown; message?: unknown };
  return typeof code === 'string' ? AWAY_CODE.test(code) : AWAY_WORDS.test(String(message));
}

/**
 * SQLSTATE 08 (connection), 53 (resources), 57P (ended by the operator, starting up, shutting down), and
 * what the system says of a connection. https://www.postgresql.org/docs/current/errcodes-appendix.html
 */
const AWAY_CODE =
  /^(08...|53...|57P0.|ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH)$/;
/** What pg and its pool say without a code, and {@link endOnSilence}. */
const AWAY_WORDS = /^(Connection terminated|timeout exceeded|Client has encountered|no answer in)/;
