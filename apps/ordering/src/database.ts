import type { ServiceDatabase } from '#log/database';
import { LooksOfTimers1764300000000 } from '#log/looks-of-timers';
import { Initial1764000000000 } from './migrations/1764000000000-initial.ts';

export const database: ServiceDatabase = {
  name: 'ordering',
  entities: [],
  migrations: [Initial1764000000000, LooksOfTimers1764300000000],
};
