import { setTimeout } from 'node:timers/promises';

/** Waits; a signal ends the wait early, and that is no error. */
export async function pause(ms: number, ...signals: AbortSignal[]): Promise<void> {
  try {
    await setTimeout(ms, undefined, { signal: AbortSignal.any(signals) });
  } catch (error) {
    if (!signals.some((signal) => signal.aborted)) throw error;
  }
}
