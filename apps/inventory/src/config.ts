import { z } from 'zod';

/** Nothing beyond what every service needs. */
export const config = z.object({});
