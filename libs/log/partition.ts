import { PARTITIONS } from '#contracts/contract';

/** The partition a key lives in, for the life of the log: murmur2 of its bytes, as Kafka's own clients do. */
export function partitionOf(key: string): number {
  return (murmur2(Buffer.from(key)) & 0x7fffffff) % PARTITIONS;
}

/**
 * MurmurHash2 with the seed of Kafka's Java client, a signed 32-bit number. kafkajs has it with 64-bit
 * numbers made of objects: some forty times slower.
 */
function murmur2(bytes: Uint8Array): number {
  const { length } = bytes;
  const rest = length & ~3;
  let hash = 0x9747b28c ^ length;
  for (let i = 0; i < rest; i += 4) {
    const word = bytes[i]! | (bytes[i + 1]! << 8) | (bytes[i + 2]! << 16) | (bytes[i + 3]! << 24);
    const mixed = Math.imul(word, M);
    hash = Math.imul(hash, M) ^ Math.imul(mixed ^ (mixed >>> 24), M);
  }
  if (length > rest) {
    for (let i = rest; i < length; i += 1) hash ^= bytes[i]! << (8 * (i - rest));
    hash = Math.imul(hash, M);
  }
  hash = Math.imul(hash ^ (hash >>> 13), M);
  return hash ^ (hash >>> 15);
}

const M = 0x5bd1e995;

/** A partition as it is written: `visitors-3`. */
export function partitionName(topic: string, partition: number): string {
  return `${topic}-${partition}`;
}
