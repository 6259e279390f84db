import type { ServiceDatabase } from '#log/database';
import { looksOfTimers } from '#log/looks-of-timers';
import { Initial1764000000000 } from './migrations/1764000000000-initial.ts';
import { orderProcess } from './order-process.ts';

export const database: ServiceDatabase = {
  name: 'ordering',
  entities: [],
  migrations: [Initial1764000000000, looksOfTimers(orderProcess)],
};
