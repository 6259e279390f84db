import { serveProcessing } from './processing.ts';
import { visits } from './visits.ts';

/* A processor with its state in PostgreSQL. */

await serveProcessing((round, onView) => visits(`visits-${round}`, onView));
