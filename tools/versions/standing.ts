import { firstReleaseOf } from '#contracts/releases';
import type { Application, ReleaseTag } from '#contracts/releases';
import { topics } from '#contracts/all';
import type { Admin } from '#log/kafka';
import { CLOSE } from '../start/background.ts';

/** How a consumer group of a release stands. */
export interface GroupStanding {
  group: string;
  topic: string;
  /** Records read, of those that were ever there; and how many are left. */
  read: number;
  lag: number;
}

export interface Standing {
  groups: GroupStanding[];
  /** Of its own groups: at least one for each process of it that reads. */
  members: number;
  /** Also of those of other services that read what it derives. */
  readers: number;
}

export type State = 'not started' | 'stopped' | 'catching up' | 'ready';

/** At the end of the name of a group or a topic: `feedback.abandonment.v2`. */
const RELEASE = /\.(v\d+)$/;

/** The release of a group, by its name; the first says nothing. */
export function releaseOfGroup(application: Application, group: string): string {
  return RELEASE.exec(group)?.[1] ?? firstReleaseOf(application);
}

/** The topics that a release derives, and those that it appends to while it is not in force. */
export function topicsOf({ application, release }: ReleaseTag): string[] {
  return [...topics().values()]
    .filter((topic) => topic.release?.application === application)
    .filter((topic) => topic.release!.release === release)
    .map(({ name }) => name);
}

/** The groups of a release, and those of other services that read what it derives. */
export async function groupsOf(admin: Admin, tag: ReleaseTag): Promise<string[]> {
  const { application, release } = tag;
  const readers = topicsOf(tag).map((topic) => `.${topic.replace(RELEASE, '')}`);
  const { groups } = await admin.listGroups();
  return groups
    .map(({ groupId }) => groupId)
    .filter((group) => releaseOfGroup(application, group) === release)
    .filter((group) => {
      const isReader = readers.some((name) => group.replace(RELEASE, '').endsWith(name));
      return group.startsWith(`${application}.`) || (isReader && !group.startsWith('tail.'));
    })
    .toSorted();
}

export async function standingOf(admin: Admin, tag: ReleaseTag): Promise<Standing> {
  const names = await groupsOf(admin, tag);
  if (names.length === 0) return { groups: [], members: 0, readers: 0 };
  const described = (await admin.describeGroups(names)).groups;
  const count = (all: typeof described) => all.reduce((sum, each) => sum + each.members.length, 0);
  const own = described.filter(({ groupId }) => groupId.startsWith(`${tag.application}.`));
  const groups = await Promise.all(names.map((group) => groupStanding(admin, group)));
  return { groups: groups.flat(), members: count(own), readers: count(described) };
}

async function groupStanding(admin: Admin, groupId: string): Promise<GroupStanding[]> {
  const committed = await admin.fetchOffsets({ groupId });
  return Promise.all(
    committed.map(async ({ topic, partitions }) => {
      const ends = await admin.fetchTopicOffsets(topic);
      let [read, lag] = [0, 0];
      for (const { partition, high } of ends) {
        const at = partitions.find((each) => each.partition === partition)?.offset ?? '0';
        const offset = Math.max(0, Number(at));
        read += offset;
        lag += Math.max(0, Number(high) - offset);
      }
      return { group: groupId, topic, read, lag };
    }),
  );
}

/** Everything that is left to read before it is where the log is. */
export const lagOf = ({ groups }: Standing) => groups.reduce((sum, { lag }) => sum + lag, 0);
export const readBy = ({ groups }: Standing) => groups.reduce((sum, { read }) => sum + read, 0);

export function stateOf(standing: Standing): State {
  if (standing.groups.length === 0 && standing.members === 0) return 'not started';
  if (standing.members === 0) return 'stopped';
  return lagOf(standing) <= CLOSE && standing.groups.length > 0 ? 'ready' : 'catching up';
}
