import { allPartitions } from '#contracts/contract';
import { LANE_HEADER, SEQUENCE_HEADER, TYPE_HEADER } from '#log/envelope';
import type { IncomingRecord } from '#log/envelope';
import type { PastRecord } from '#log/import';
import type { PlacedRecord } from '#log/producer';
import { formatSequence } from '#log/sequence';

/** One partition: what was appended and not read by everybody yet. */
export interface VirtualPartition {
  readonly topic: string;
  readonly partition: number;
  /** Offset of the first of the records that are kept. */
  first: number;
  records: IncomingRecord[];
  /** Time of the last record, ms. */
  time: number;
}

/** The log of a history while it happens: every topic in memory, each record with its time. */
export class VirtualLog {
  readonly partitions = new Map<string, readonly VirtualPartition[]>();
  #appended: PastRecord[] = [];

  constructor(
    topics: readonly string[],
    private readonly appended: (partition: VirtualPartition) => void,
  ) {
    for (const topic of topics) {
      const all = allPartitions.map((partition) => ({
        ...{ topic, partition },
        ...{ first: 0, records: [], time: 0 },
      }));
      this.partitions.set(topic, all);
    }
  }

  /** `at`: log append time, ms; never before that of the record before. */
  append(record: PlacedRecord, at: number): void {
    const { topic, partition, key, value, type, lane, sequence } = record;
    const place = this.partitions.get(topic)![partition]!;
    const timestamp = Math.max(at, place.time);
    place.time = timestamp;
    const headers: Record<string, string> = { [TYPE_HEADER]: type };
    if (lane !== null && sequence) {
      headers[LANE_HEADER] = lane;
      headers[SEQUENCE_HEADER] = formatSequence(sequence);
    }
    place.records.push({
      offset: place.first + place.records.length,
      timestamp,
      key: key === null ? null : Buffer.from(key),
      value: Buffer.from(value),
      headers,
    });
    this.#appended.push({ ...record, timestamp });
    this.appended(place);
  }

  /** What was appended since it was asked last, in the order of the log. */
  take(): PastRecord[] {
    const taken = this.#appended;
    this.#appended = [];
    return taken;
  }

  /** Records of a partition from an offset on. */
  from({ first, records }: VirtualPartition, offset: number): readonly IncomingRecord[] {
    return offset === first ? records : records.slice(offset - first);
  }

  /** Forgets what lies before an offset: everybody has read it. */
  forget(partition: VirtualPartition, before: number): void {
    partition.records = partition.records.slice(before - partition.first);
    partition.first = before;
  }
}
