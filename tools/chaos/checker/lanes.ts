import type { RawEvent } from './raw-log.ts';

/**
 * The lanes of a service that answers people count one by one in each partition, so a number that is
 * missing is an event that was committed and never published. `events` are without repeats.
 */
export function checkGaps(events: readonly RawEvent[], service: string): string[] {
  const last = new Map<string, number>();
  const problems: string[] = [];
  for (const { lane, sequence, topic, partition, offset } of events) {
    if (!lane?.startsWith(`${service}:`) || sequence === null) continue;
    const number = Number.parseInt(sequence, 10);
    const before = last.get(lane) ?? 0;
    if (number !== before + 1) {
      problems.push(`${topic}-${partition}/${offset}: ${lane} goes from ${before} to ${number}`);
    }
    last.set(lane, number);
  }
  return problems;
}
