import type { ServiceDatabase } from '#log/database';
import { Initial1764000000000 } from './migrations/1764000000000-initial.ts';

export const database: ServiceDatabase = {
  name: 'recommendations',
  entities: [],
  migrations: [Initial1764000000000],
};
