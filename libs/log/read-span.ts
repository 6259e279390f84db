import { randomUUID } from 'node:crypto';
import type { Admin, EachMessagePayload, Kafka } from 'kafkajs';
import { toRecord } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { MEMBERSHIP } from './kafka.ts';
import { partitionName } from './partition.ts';
import { forget, TAIL_PREFIX } from './tail.ts';

/** Consecutive offsets of one partition; `to` is the first that is not wanted. */
export interface Span {
  topic: string;
  partition: number;
  from: number;
  to: number;
}

/** A log that gives nothing for this long is away. */
const SILENCE_MS = 15_000;

/** What is there now, in each partition of these topics. */
export async function spansOf(admin: Admin, topics: readonly string[]): Promise<Span[]> {
  const found = await Promise.all(
    topics.map(async (topic) => {
      const offsets = await admin.fetchTopicOffsets(topic);
      return offsets.map(({ partition, low, high }) => {
        return { topic, partition, from: Number(low), to: Number(high) };
      });
    }),
  );
  return found.flat();
}

/**
 * Reads these spans and ends, with a throw-away group as a tail has. Each partition comes in its
 * order. Rejects when the log falls silent.
 */
export async function readSpans(
  client: Kafka,
  spans: readonly Span[],
  onRecord: (topic: string, partition: number, record: IncomingRecord) => void,
): Promise<void> {
  const left = new Map(
    spans
      .filter(({ from, to }) => from < to)
      .map((span) => [partitionName(span.topic, span.partition), { ...span }]),
  );
  if (left.size === 0) return;
  const groupId = `${TAIL_PREFIX}${randomUUID()}`;
  const consumer = client.consumer({
    groupId,
    ...MEMBERSHIP,
    maxWaitTimeInMs: 100,
  });
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    for (const [topic, partitions] of Object.entries(payload.memberAssignment)) {
      const others = partitions.filter((partition) => !left.has(partitionName(topic, partition)));
      if (others.length > 0) consumer.pause([{ topic, partitions: others }]);
      for (const partition of partitions) {
        const span = left.get(partitionName(topic, partition));
        if (span) consumer.seek({ topic, partition, offset: String(span.from) });
      }
    }
  });
  let silence: NodeJS.Timeout | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [...new Set(spans.map(({ topic }) => topic))] });
    await new Promise<void>((resolve, reject) => {
      silence = setTimeout(
        () => reject(new Error('The log does not answer: try again.')),
        SILENCE_MS,
      );
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        if (!restart) reject(error); // Otherwise the client begins again by itself.
      });
      const eachMessage = async ({ topic, partition, message }: EachMessagePayload) => {
        silence!.refresh();
        const span = left.get(partitionName(topic, partition));
        const record = toRecord(message);
        const { offset } = record;
        if (!span || offset < span.from) return;
        span.from = offset + 1; // For a second join.
        if (offset < span.to) onRecord(topic, partition, record);
        if (span.from < span.to) return;
        left.delete(partitionName(topic, partition));
        if (left.size === 0) resolve();
      };
      const partitionsConsumedConcurrently = 64;
      consumer
        .run({ autoCommit: false, partitionsConsumedConcurrently, eachMessage })
        .catch(reject);
    });
  } finally {
    clearTimeout(silence);
    await consumer.disconnect();
    await forget(client, groupId);
  }
}
