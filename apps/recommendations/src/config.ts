import { z } from 'zod';

/** Nothing but what every service is told. */
export const config = z.object({});
