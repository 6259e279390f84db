import { randomUUID } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { EachBatchHandler, Kafka } from 'kafkajs';
import type { LogEvent, Topic } from '#contracts/contract';
import { decodeKnown, laneOf, toRecord, typeOf } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { MEMBERSHIP, withAdmin } from './kafka.ts';
import { partitionName } from './partition.ts';
import { Reading } from './reading.ts';
import { restAfter } from './rest.ts';
import { compareSequences } from './sequence.ts';
import type { Sequence } from './sequence.ts';

/** Prefix of the throw-away groups of those who only watch. */
export const TAIL_PREFIX = 'tail.';

/** Records are handed over one after the other for so long, ms; then it is the turn of others. */
const MOST_AT_ONCE_MS = 5;
/** What a request may bring of a partition, bytes: it is unpacked at once. */
const MAX_BYTES_PER_PARTITION = 128 * 1024;

/** Where to begin: only what comes, everything there is, or a time (ms since 1970). */
export type From = 'now' | 'start' | number;

/** A record of a watched topic. `event` is missing when it is bad or of an unknown type. */
export interface Tailed {
  topic: string;
  partition: number;
  record: IncomingRecord;
  event?: LogEvent;
}

/** Which types of events whoever watches wants to see; the others are not even parsed. */
export type Wanted = ReadonlySet<string>;

export interface WatchOptions {
  /** Only these types of events. */
  wanted?: Wanted;
  /** How long records may wait for others to come, ms; default: hardly at all. */
  lingerMs?: number;
}

export interface Tail {
  /** Stops watching and forgets the throw-away group. */
  close(): Promise<void>;
}

/**
 * Watches topics: all partitions, no saved position, duplicates dropped in memory. With `channel`
 * it reads as that consumer group instead: tails on one channel share the partitions. Whoever else
 * works in this process is served in between, however much there is to read.
 * Resolves when it watches: what is appended from then on is seen.
 */
export async function tail(
  client: Kafka,
  topics: readonly Pick<Topic, 'name'>[],
  from: From,
  onRecord: (tailed: Tailed) => void | Promise<void>,
  options: { channel?: string } & WatchOptions = {},
): Promise<Tail> {
  const { wanted, lingerMs } = options;
  const groupId = options.channel ?? `${TAIL_PREFIX}${randomUUID()}`;
  const names = topics.map(({ name }) => name);
  const start = options.channel
    ? new Map<string, string>()
    : await startOffsets(client, names, from);
  const consumer = client.consumer({
    groupId,
    ...MEMBERSHIP,
    maxBytesPerPartition: MAX_BYTES_PER_PARTITION,
    maxWaitTimeInMs: 500,
  });
  const seen = new Map<string, Sequence>();
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: names, fromBeginning: from !== 'now' });
  } catch (error) {
    await consumer.disconnect();
    throw error;
  }
  const joined = new Promise<void>((resolve) => {
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
      for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
        for (const partition of partitions) {
          const offset = start.get(partitionName(topic, partition));
          if (offset !== undefined) consumer.seek({ topic, partition, offset });
        }
      }
      resolve();
    });
  });
  const reading = new Reading(consumer, {
    autoCommit: options.channel !== undefined,
    eachBatchAutoResolve: false,
    partitionsConsumedConcurrently: 64,
    eachBatch: inTurns(lingerMs, {
      take(place, { topic, partition, record }) {
        if (record.offset < Number(start.get(place) ?? 0)) return;
        if (wanted && !wanted.has(typeOf(record) ?? '')) return;
        if (isRepeated(seen, place, record)) return;
        return onRecord({ topic, partition, record, event: decodeOrNothing(topic, record) });
      },
      taken(place, { record }) {
        if (!options.channel) start.set(place, String(record.offset + 1)); // For a second join.
      },
    }),
  });
  await reading.start();
  await joined;
  return {
    async close() {
      await reading.stop();
      if (!options.channel) await forget(client, groupId);
    },
  };
}

/** Hands records over one by one, and lets whoever else works in this process have their turn. */
function inTurns(
  lingerMs: number | undefined,
  to: {
    take(place: string, read: Omit<Tailed, 'event'>): void | Promise<void>;
    taken(place: string, read: Omit<Tailed, 'event'>): void;
  },
): EachBatchHandler {
  let turnBegan = performance.now();
  return async ({ batch, heartbeat, isRunning, isStale, resolveOffset }) => {
    const { topic, partition } = batch;
    const place = partitionName(topic, partition);
    const rest = restAfter(lingerMs);
    for (const message of batch.messages) {
      if (performance.now() - turnBegan > MOST_AT_ONCE_MS) {
        await nextTurn();
        turnBegan = performance.now();
        await heartbeat();
      }
      if (!isRunning() || isStale()) return;
      const read = { topic, partition, record: toRecord(message) };
      const taking = to.take(place, read);
      if (taking) await taking; // Only then: there are many records, and most are looked at only.
      resolveOffset(message.offset);
      to.taken(place, read);
    }
    const isAll = Number(batch.lastOffset()) + 1 >= Number(batch.highWatermark);
    if (isAll) await rest();
  };
}

function decodeOrNothing(topic: string, record: IncomingRecord): LogEvent | undefined {
  try {
    return decodeKnown(topic, record);
  } catch {
    return undefined; // Whoever watches sees the raw record; the bad track says why.
  }
}

function isRepeated(seen: Map<string, Sequence>, place: string, record: IncomingRecord): boolean {
  const at = laneOf(record);
  if (!at) return false;
  const key = `${place} ${at.lane}`;
  const last = seen.get(key);
  if (last && compareSequences(at.sequence, last) <= 0) return true;
  seen.set(key, at.sequence);
  return false;
}

async function startOffsets(
  client: Kafka,
  topics: readonly string[],
  from: From,
): Promise<Map<string, string>> {
  return withAdmin(client, async (admin) => {
    const offsets = new Map<string, string>();
    for (const topic of topics) {
      const found =
        typeof from === 'number'
          ? await admin.fetchTopicOffsetsByTimestamp(topic, from)
          : (await admin.fetchTopicOffsets(topic)).map(({ partition, low, high }) => ({
              partition,
              offset: from === 'now' ? high : low,
            }));
      for (const { partition, offset } of found)
        offsets.set(partitionName(topic, partition), offset);
    }
    return offsets;
  });
}

/** The group is of no use to anybody; if the broker is away, it expires by itself. */
export async function forget(client: Kafka, groupId: string): Promise<void> {
  try {
    await withAdmin(client, (admin) => admin.deleteGroups([groupId]));
  } catch {
    // Expires by itself.
  }
}
