import { OPERATOR, topicOfBadTrack } from '#contracts/bad';
import { appendersOf } from '#contracts/contract';
import type { Topic } from '#contracts/contract';
import type { Grant } from '#log/access';
import { TAIL_PREFIX } from '#log/tail';
import type { Service } from '../../manifest.ts';

/** Who may read everything and write nothing: `npm run tail`. */
export const WATCHER = 'tail';
/** Keeps channels of tails apart from the groups of services, whose partitions they must not take. */
export const CHANNEL_PREFIX = 'channel.';

type Topics = ReadonlyMap<string, Topic>;

/**
 * The rights of a service's user: to read what the manifest says, in groups of its name; to write
 * where an event type or a timer is its own, and the bad tracks of all these. Throws a sentence when
 * the manifest names a topic that there is not.
 */
export function grantsOf({ name: user, reads }: Service, topics: Topics): Grant[] {
  if (reads === null) return [];
  const unknown = reads.find((name) => !topics.has(name));
  if (unknown) {
    throw new Error(`${user} reads ${unknown} in manifest.ts, which no contract declares.`);
  }
  const writes = [...topics.values()].filter((topic) => isWrittenBy(user, topic));
  const touched = new Set([...reads, ...writes.map(({ name }) => name)]);
  const bad = [...topics.keys()].filter((name) => touched.has(topicOfBadTrack(name) ?? ''));
  return [
    ...reads.flatMap((name): Grant[] => [
      { user, on: 'topic', name, may: 'read' },
      { user, on: 'topic', name, may: 'describe-configs' },
    ]),
    ...mayWrite(user, [...writes.map(({ name }) => name), ...bad]),
    ...(reads.length > 0 ? [mayJoin(user, `${user}.`), ...mayWatch(user)] : []),
  ];
}

/** The rights of `npm run tail`, and of `npm run bad` and `npm run versions`, which append to streams. */
export function toolGrants(topics: Topics): Grant[] {
  const streams = [...topics.values()].filter(({ kind }) => kind === 'stream');
  return [
    ...[WATCHER, OPERATOR].flatMap((user): Grant[] => [
      { user, on: 'topic', name: '*', may: 'read' },
      ...mayWatch(user),
    ]),
    mayJoin(WATCHER, CHANNEL_PREFIX),
    // How far the versions of an application are.
    { user: OPERATOR, on: 'groups', name: '*', may: 'describe' },
    ...mayWrite(
      OPERATOR,
      streams.map(({ name }) => name),
    ),
  ];
}

/** Every service may write to a bad track: which, follows from what it reads and writes. */
function isWrittenBy(service: string, { name, events }: Topic): boolean {
  if (topicOfBadTrack(name) !== null) return false;
  const appenders = [...events.values()].flatMap(appendersOf);
  return appenders.includes('*') || appenders.includes(service);
}

const mayWrite = (user: string, topics: readonly string[]) =>
  topics.map((name): Grant => ({ user, on: 'topic', name, may: 'write' }));

const mayJoin = (user: string, name: string): Grant => ({ user, on: 'groups', name, may: 'read' });

/** In throw-away groups, which are forgotten in the end. */
const mayWatch = (user: string): Grant[] => [
  mayJoin(user, TAIL_PREFIX),
  { user, on: 'groups', name: TAIL_PREFIX, may: 'delete' },
];
