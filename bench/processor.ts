import { readingBeside } from './beside.ts';
import type { Result } from './figures.ts';
import type { Run } from './rounds.ts';

/** How fast a processor is, exactly once, with 20,000 keys, lanes, timers and validation. */
export function processor(run: Run): Promise<Result[]> {
  return readingBeside(run, 'process-log', [
    { figure: 'processor', side: 'read-kafkajs' },
    { figure: 'processor-naive', side: 'process-naive' },
  ]);
}
