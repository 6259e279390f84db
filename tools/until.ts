import { setTimeout as pause } from 'node:timers/promises';

/** Waits until it is so. Throws the sentence `orElse` when it is not in time. */
export async function until(
  isSo: () => Promise<boolean>,
  { limitMs, everyMs, orElse }: { limitMs: number; everyMs: number; orElse: () => string },
): Promise<void> {
  for (const limit = Date.now() + limitMs; !(await isSo()); await pause(everyMs)) {
    if (Date.now() > limit) throw new Error(orElse());
  }
}
