import { z } from 'zod';
import { releasesOf } from '#contracts/releases';

export const config = z.object({
  /** Which release of it this process is. */
  RELEASE: z.enum(releasesOf.recommendations).default('v1'),
});
