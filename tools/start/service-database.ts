import type { ServiceDatabase } from '#log/database';

/** What a service of the manifest keeps, from its own code: entities and migrations, for each release. */
export async function databasesOf(service: string): Promise<Record<string, ServiceDatabase>> {
  const file = `../../apps/${service}/src/database.js`;
  const { database, databases } = (await import(file)) as {
    database: ServiceDatabase;
    databases?: Record<string, ServiceDatabase>;
  };
  return databases ?? { [ONLY]: database };
}

/** The name of the release of what has no others. */
export const ONLY = 'v1';
