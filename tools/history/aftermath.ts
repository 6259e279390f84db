import { allPartitions } from '#contracts/contract';
import type { OutgoingRecord } from '#log/envelope';
import type { PastRecord } from '#log/import';
import { place } from '#log/producer';
import type { Processor } from '#log/processor';
import { coViews } from '../../apps/recommendations/src/co-views.ts';
import { ranking } from '../../apps/recommendations/src/ranking.ts';
import { processors as shopProcessors } from '../../apps/shop/src/processors.ts';
import { HOP_MS, prompt } from './retailer.ts';
import { VirtualLog } from './virtual-log.ts';
import { VirtualReader } from './virtual-reader.ts';

const views = shopProcessors.filter((processor) => !prompt.includes(processor));

/**
 * What nobody in a shop waits for, in an order in which none reads what a later one appends: two halves
 * of the work, for two threads.
 */
export const halves = [[coViews], [ranking, ...views]] as const;

/**
 * The processors whose outputs change nothing for the shoppers of a history: they read what happened in
 * large batches, which is quicker, and after the rest.
 */
export class Aftermath {
  readonly readers: readonly VirtualReader[];
  readonly #topics: ReadonlySet<string>;
  readonly #log: VirtualLog;

  constructor(private readonly processors: readonly Processor[]) {
    this.readers = processors.flatMap((processor) =>
      allPartitions.map((partition) => new VirtualReader(processor, partition)),
    );
    this.#topics = new Set(processors.map(({ topic }) => topic.name));
    const appends = processors.flatMap((processor) => [...processor.appends]);
    const written = appends.map(({ topic }) => topic.name);
    this.#log = new VirtualLog([...new Set([...this.#topics, ...written])], () => {});
  }

  /** Records as they happened. Returns what is appended because of them. */
  follow(records: readonly PastRecord[]): PastRecord[] {
    for (const record of records) {
      if (this.#topics.has(record.topic)) this.#log.append(record, record.timestamp);
    }
    this.#log.take();
    for (const processor of this.processors) this.#read(processor);
    const made = this.#log.take();
    for (const partitions of this.#log.partitions.values()) {
      for (const each of partitions) this.#log.forget(each, each.first + each.records.length);
    }
    return made;
  }

  /** All that came, partition by partition; what comes of it, in the order of its causes. */
  #read(processor: Processor): void {
    const made: { append: OutgoingRecord; at: number }[] = [];
    for (const reader of this.readers.filter((each) => each.processor === processor)) {
      const partition = this.#log.partitions.get(processor.topic.name)![reader.partition]!;
      const { records } = partition;
      const [first] = records;
      if (!first) continue;
      for (const append of reader.read(records).append) {
        const cause = records[append.sequence![0] - first.offset]!;
        made.push({ append, at: cause.timestamp + HOP_MS });
      }
    }
    made.sort((a, b) => a.at - b.at);
    for (const { append, at } of made) this.#log.append(place(append), at);
  }
}
