import { setTimeout as pause } from 'node:timers/promises';

const LEAST_MS = 5;
const MOST_MS = 50;

/**
 * A breath after a batch that was all there is. A batch costs much the same for one record and for a
 * hundred, the broker and the reader: resting as long as it took makes fewer and fuller ones of it for
 * all who share these cores, the slower they are the more so. The first record after a while is not
 * kept waiting: the request for it is at the broker already.
 */
export function rest(tookMs: number): Promise<void> {
  return pause(Math.min(Math.max(tookMs, LEAST_MS), MOST_MS));
}
