import { abandonment } from '../../apps/feedback/src/v1.ts';
import { asItIs, serveProcessing } from './processing.ts';

/* The first release of feedback, from the beginning of the log. */

await serveProcessing(asItIs(abandonment));
