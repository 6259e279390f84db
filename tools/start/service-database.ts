import type { ServiceDatabase } from '#log/database';

/** What a service of the manifest keeps, from its own code: entities and migrations. */
export async function databaseOf(service: string): Promise<ServiceDatabase> {
  const file = `../../apps/${service}/src/database.js`;
  const { database } = (await import(file)) as { database: ServiceDatabase };
  return database;
}
