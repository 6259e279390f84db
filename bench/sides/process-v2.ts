import { abandonmentV2 } from '../../apps/feedback/src/v2.ts';
import { asItIs, serveProcessing } from './processing.ts';

/* The second release of feedback, which catches up from the beginning of the log. */

await serveProcessing(asItIs(abandonmentV2));
