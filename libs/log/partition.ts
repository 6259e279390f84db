import { Partitioners } from 'kafkajs';
import { PARTITIONS } from '#contracts/contract';

const murmur2 = Partitioners.DefaultPartitioner();
const partitionMetadata = Array.from({ length: PARTITIONS }, (_, partitionId) => ({
  partitionErrorCode: 0,
  partitionId,
  leader: 0,
  replicas: [],
  isr: [],
}));

/** Keys come again and again, and the client library hashes slowly. */
const known = new Map<string, number>();
const MOST_KNOWN = 10_000;

/** The partition a key lives in, for the life of the log: murmur2, as Kafka's own clients do. */
export function partitionOf(topic: string, key: string): number {
  const before = known.get(key);
  if (before !== undefined) return before;
  const partition = murmur2({ topic, partitionMetadata, message: { key, value: null } });
  if (known.size >= MOST_KNOWN) known.clear();
  known.set(key, partition);
  return partition;
}

/** A partition as it is written: `visitors-3`. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
