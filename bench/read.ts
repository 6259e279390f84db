import { readingBeside } from './beside.ts';
import type { Result } from './figures.ts';
import type { Run } from './rounds.ts';

/** How fast the delivery loop reads when there is nothing to do. */
export function read(run: Run): Promise<Result[]> {
  return readingBeside(run, 'read-log', [
    { figure: 'read', side: 'read-kafkajs' },
    { figure: 'read-nest', side: 'read-nest' },
  ]);
}
