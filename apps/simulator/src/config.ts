import { z } from 'zod';

export const Rate = z.coerce.number().min(0).max(50);

/** The environment of the simulator. */
export const config = z.object({
  SHOP_URL: z.url(),
  COLLECTOR_URL: z.url(),
  /** Signs the deliveries of the suppliers, as the collector expects. */
  DELIVERIES_SECRET: z.string().min(1),
  /** The same seed brings the same shoppers with the same plans. */
  SEED: z.string().default('streamside'),
  SESSIONS_PER_SECOND: Rate.default(0.5),
});
export type Config = z.output<typeof config>;
