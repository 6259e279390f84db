import type { Processor } from '#log/processor';
import { abandonment } from './v1.ts';
import { abandonmentV2 } from './v2.ts';

/** What each release runs. */
export const releases: Record<string, Processor[]> = { v1: [abandonment], v2: [abandonmentV2] };
