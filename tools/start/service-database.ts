import type { ServiceDatabase } from '#log/database';

interface Kept {
  database?: ServiceDatabase;
  databases?: Record<string, ServiceDatabase>;
}

/** Each named as it stands there: what bundles the code has to find it. */
const modules: Record<string, () => Promise<Kept>> = {
  shop: () => import('../../apps/shop/src/database.ts'),
  ordering: () => import('../../apps/ordering/src/database.ts'),
  inventory: () => import('../../apps/inventory/src/database.ts'),
  recommendations: () => import('../../apps/recommendations/src/database.ts'),
  feedback: () => import('../../apps/feedback/src/database.ts'),
};

export const owners: readonly string[] = Object.keys(modules);

/** What a service keeps, from its own code: entities and migrations, for each release. */
export async function databasesOf(service: string): Promise<Record<string, ServiceDatabase>> {
  const { database, databases } = await modules[service]!();
  return databases ?? { [ONLY]: database! };
}

/** The name of the release of what has no others. */
export const ONLY = 'v1';
