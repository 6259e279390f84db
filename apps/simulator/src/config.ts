import { z } from 'zod';
import { Rate } from './settings.ts';

/** The environment of the simulator. */
export const config = z.object({
  SHOP_URL: z.url(),
  COLLECTOR_URL: z.url(),
  /** Signs the deliveries of the suppliers, as the collector expects. */
  DELIVERIES_SECRET: z.string().min(1),
  /** The same seed brings the same shoppers, who decide alike about what they are shown. */
  SEED: z.string().default('streamside'),
  SESSIONS_PER_SECOND: z.coerce.number().pipe(Rate).default(0.5),
  /** Whoever comes while so many are in the shop turns round at the door. */
  MOST_SESSIONS: z.coerce.number().int().min(1).max(20_000).default(300),
  /** Where to write what shoppers had in mind; not at all when it is not set. */
  TRUTH_FILE: z.string().min(1).optional(),
});
export type Config = z.output<typeof config>;
