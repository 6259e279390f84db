import { z } from 'zod';

export const config = z.object({
  /** What suppliers sign their deliveries with. */
  DELIVERIES_SECRET: z.string().min(1, 'must not be empty'),
});
export type Config = z.output<typeof config>;
