import { z } from 'zod';

export const config = z.object({
  /** Where browsers reach the collector, for the tag. */
  COLLECTOR_URL: z.url(),
});
export type Config = z.output<typeof config>;
