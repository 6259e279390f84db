import { partitionOf } from '#log/partition';

/** A key of this partition: the first, or the `nth` after it. */
export function keyIn(partition: number, nth = 0): string {
  for (let i = 0, left = nth; ; i += 1) {
    const key = `key-${i}`;
    if (partitionOf(key) === partition && left-- === 0) return key;
  }
}
