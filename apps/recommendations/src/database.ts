import type { ServiceDatabase } from '#log/database';
import { LooksOfTimers1764300000000 } from '#log/looks-of-timers';
import { Initial1764000000000 } from './migrations/1764000000000-initial.ts';
import { V2Initial1764200000000 } from './migrations/1764200000000-v2-initial.ts';

/** Each release has a schema of its own. */
export const databases: Record<string, ServiceDatabase> = {
  v1: {
    name: 'recommendations',
    entities: [],
    migrations: [Initial1764000000000, LooksOfTimers1764300000000],
  },
  v2: {
    name: 'recommendations',
    schema: 'v2',
    entities: [],
    migrations: [V2Initial1764200000000, LooksOfTimers1764300000000],
  },
};
