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

/** The partition a key lives in, for the life of the log: murmur2, as Kafka's own clients do. */
export function partitionOf(topic: string, key: string): number {
  return murmur2({ topic, partitionMetadata, message: { key, value: null } });
}

/** A partition as it is written: `visitors-3`. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
