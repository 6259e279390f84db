import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

const LEAST_MS = 5;
const MOST_MS = 50;

/**
 * Called when a batch begins; what it returns is a breath, taken when that was all there is. A batch
 * costs much the same for one record and for a hundred, the broker and the reader: resting for as long
 * as this process was busy meanwhile makes fewer and fuller ones of it for all who share these cores,
 * the slower they are the more so. To have waited, for a disk or a lock, is rest already. The first
 * record after a while is not kept waiting: the request for it is at the broker already.
 * `leastMs`: more where nobody waits for what is read.
 */
export function restAfter(leastMs = LEAST_MS): () => Promise<void> {
  const began = performance.eventLoopUtilization();
  return () => {
    const { active } = performance.eventLoopUtilization(began);
    return pause(Math.max(leastMs, Math.min(active, MOST_MS)));
  };
}
