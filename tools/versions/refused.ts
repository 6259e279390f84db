import { topicOfBadTrack } from '#contracts/bad';
import type { ReleaseTag } from '#contracts/releases';
import { BadEvents } from '#log/bad-events';
import type { Kafka } from '#log/kafka';
import { releaseOfGroup, topicsOf } from './standing.ts';

const MOST_LINES = 5;

/** Where a release could not go on with a record, and why: a line each, of those nobody has settled. */
export async function refusedBy(client: Kafka, tag: ReleaseTag): Promise<string[]> {
  const { application, release } = tag;
  const cases = await new BadEvents(client).all([
    'visitors',
    ...topicsOf(tag).filter((name) => topicOfBadTrack(name) === null),
  ]);
  const own = cases.filter(
    ({ data: { group }, settled }) =>
      !settled &&
      group.startsWith(`${application}.`) &&
      releaseOfGroup(application, group) === release,
  );
  const lines = own.slice(0, MOST_LINES).map(({ data }) => {
    const at = `${data.topic}-${data.partition}/${data.offset}`;
    return `  ${data.group} refused ${at} (${data.type}): ${data.reason}`;
  });
  const more = own.length - lines.length;
  return [...lines, ...(more > 0 ? [`  and ${more} more`] : [])];
}
