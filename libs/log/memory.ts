import { getHeapStatistics } from 'node:v8';
import { PARTITIONS } from '#contracts/contract';

/* What of its heap a process uses for reading. The limit of the heap is a setting of node. */

const SHARE_OF_KEPT_STATES = 1 / 5;
/** As bytes on the log; decoded they take about twice as much. */
const SHARE_OF_REQUESTS = 1 / 12;
/** Fuller transactions cost less a record, up to some thousand; the collector of garbage objects to more. */
const BYTES_TO_FETCH = { least: 512 * 1024, most: 4 * 1024 * 1024 };

/** Bytes of states to keep for one partition, when this process runs so many processors. */
export function bytesToKeep(processors: number): number {
  return (heap() * SHARE_OF_KEPT_STATES) / PARTITIONS / Math.max(1, processors);
}

/** Bytes to fetch of one partition at once, when this process reads as so many groups. */
export function bytesToFetch(groups: number): number {
  const share = (heap() * SHARE_OF_REQUESTS) / PARTITIONS / Math.max(1, groups);
  return Math.floor(Math.min(Math.max(share, BYTES_TO_FETCH.least), BYTES_TO_FETCH.most));
}

const heap = () => getHeapStatistics().heap_size_limit;
