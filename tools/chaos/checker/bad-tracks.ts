import type { RawEvent } from './raw-log.ts';

/**
 * On the bad tracks is what chaos made malformed, once for each group that refused it, and nothing
 * else. `events` are without repeats.
 */
export function checkBadTracks(events: readonly RawEvent[]): string[] {
  const placeOf = (topic: string, partition: unknown, offset: unknown) =>
    `${topic}-${partition}/${offset}`;
  const malformed = new Set(
    events
      .filter(({ mark }) => mark === 'malformed')
      .map(({ topic, partition, offset }) => placeOf(topic, partition, offset)),
  );
  const refused = new Set<string>();
  const byGroup = new Set<string>();
  const problems: string[] = [];
  for (const { topic, data } of events) {
    if (!topic.endsWith('.bad')) continue;
    const place = placeOf(data.topic, data.partition, data.offset);
    refused.add(place);
    if (!malformed.has(place)) problems.push(`${place} is refused (${data.reason}), and was good`);
    const once = `${place} by ${data.group}`;
    if (byGroup.has(once)) problems.push(`${once} is refused twice`);
    byGroup.add(once);
  }
  for (const place of malformed) {
    if (!refused.has(place)) problems.push(`${place} is malformed, and on no bad track`);
  }
  return problems;
}
