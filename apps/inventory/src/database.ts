import type { ServiceDatabase } from '#log/database';
import { looksOfTimers } from '#log/looks-of-timers';
import { Initial1764000000000 } from './migrations/1764000000000-initial.ts';
import { stockLevel } from './stock-level.ts';

export const database: ServiceDatabase = {
  name: 'inventory',
  entities: [],
  migrations: [Initial1764000000000, looksOfTimers(stockLevel)],
};
