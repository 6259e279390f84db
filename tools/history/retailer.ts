import { firstTopics } from '#log/topics';
import { allPartitions } from '#contracts/contract';
import type { NewEvent } from '#contracts/contract';
import type { PastRecord } from '#log/import';
import { place } from '#log/producer';
import type { Processor } from '#log/processor';
import { timePassed } from '#log/ticker';
import { encodeInLane } from '#log/writer';
import { abandonment } from '../../apps/feedback/src/v1.ts';
import { stockLevel } from '../../apps/inventory/src/stock-level.ts';
import { orderProcess } from '../../apps/ordering/src/order-process.ts';
import { stockView } from '../../apps/shop/src/catalogue-views.ts';
import { couponReturns } from '../../apps/shop/src/coupon-returns.ts';
import type { Offer } from '../../apps/shop/src/offers.ts';
import { offers } from '../../apps/shop/src/offers.ts';
import { firstFacts } from '../first-facts.ts';
import { Agenda } from './agenda.ts';
import { uuidOf } from './names.ts';
import { VirtualLog } from './virtual-log.ts';
import type { VirtualPartition } from './virtual-log.ts';
import { VirtualReader } from './virtual-reader.ts';
import { VirtualShop } from './virtual-shop.ts';

/** From the append until a group has read it, ms; and between two ticks of a group, as in the services. */
export const HOP_MS = 5;
const TICK_MS = 500;
/** So much is kept in memory before it is handed on. */
const STRETCH_MS = 10 * 60_000;

/** What somebody in the shop may wait for; the rest is the {@link Aftermath}. */
export const prompt: readonly Processor[] = [
  abandonment,
  offers,
  couponReturns,
  orderProcess,
  stockLevel,
  stockView,
];
/** The services of the retailer at work in virtual time: their own rules, on a log in memory. */
export class Retailer {
  readonly agenda: Agenda;
  readonly shop: VirtualShop;
  readonly #log: VirtualLog;
  readonly #readers = new Map<Processor, readonly VirtualReader[]>();
  readonly #promptBy = new Map<string, readonly Processor[]>();
  readonly #awaiting = new Set<VirtualPartition>();
  readonly #tickedAt = new Map<VirtualReader, number>();
  /** What the stock view shows, by SKU; asked for so often that the way to its partition counts. */
  readonly #available = new Map<string, number>();
  readonly #collectorLane: string;
  #collected = 0;
  /** Told when the coupon of a visitor changes. */
  onOffer: (visitorId: string) => void = () => {};

  constructor(private readonly options: { seed: string; from: number; shopLanes: string }) {
    const { seed, from, shopLanes } = options;
    this.agenda = new Agenda(from);
    this.#collectorLane = `collector:${uuidOf(seed, 'collector')}`;
    this.#log = new VirtualLog(
      firstTopics().map(({ name }) => name),
      (partition) => this.#appended(partition),
    );
    for (const processor of prompt) {
      this.#readers.set(
        processor,
        allPartitions.map((partition) => new VirtualReader(processor, partition)),
      );
    }
    for (const { topic } of prompt) {
      this.#promptBy.set(
        topic.name,
        prompt.filter((each) => each.topic === topic),
      );
    }
    const views = {
      available: (sku: string) => this.#available.get(sku) ?? 0,
      offer: (visitorId: string) => this.#state<Offer>(offers, visitorId),
    };
    this.shop = new VirtualShop(shopLanes, views, (records) => {
      for (const record of records) this.#log.append(record, this.agenda.now);
    });
    this.#write('first-facts', 'first-facts', 0, firstFacts());
  }

  /** What browsers and suppliers tell. */
  collect(events: readonly NewEvent[]): void {
    this.#collected += this.#write('collector', this.#collectorLane, this.#collected, events);
  }

  /** The records of the time until `until` (ms), which must not run backwards. */
  pass(until: number): PastRecord[] {
    while (this.agenda.now < until) {
      this.agenda.run(Math.min(until, this.agenda.now + STRETCH_MS));
      this.#forget();
    }
    return this.#log.take();
  }

  /** Everybody reads what is there, so that nothing of it is left to do. */
  finish(): PastRecord[] {
    const records: PastRecord[] = [];
    for (let some = this.pass(this.agenda.now + HOP_MS); ;) {
      records.push(...some);
      if (this.#awaiting.size === 0) return records;
      some = this.pass(this.agenda.now + HOP_MS);
    }
  }

  get readers(): VirtualReader[] {
    return [...this.#readers.values()].flat();
  }

  #state<S>(processor: Processor<S>, key: string): S | null {
    const { partition } = place({ topic: processor.topic.name, key, partition: null } as never);
    return this.#readers.get(processor)![partition]!.state<S>(key);
  }

  #write(service: string, lane: string, before: number, events: readonly NewEvent[]): number {
    let count = before;
    for (const event of events) {
      const by = { service, lane, count, time: this.agenda.now };
      for (const record of encodeInLane(event, by)) {
        this.#log.append(record, this.agenda.now);
        count += 1;
      }
    }
    return count - before;
  }

  #appended(partition: VirtualPartition): void {
    if (!this.#promptBy.has(partition.topic) || this.#awaiting.has(partition)) return;
    this.#awaiting.add(partition);
    this.agenda.at(this.agenda.now + HOP_MS, () => {
      this.#awaiting.delete(partition);
      for (const processor of this.#promptBy.get(partition.topic)!) {
        this.#read(this.#readers.get(processor)![partition.partition]!, partition);
      }
    });
  }

  #read(reader: VirtualReader, partition: VirtualPartition): void {
    const records = this.#log.from(partition, reader.progress.offset);
    if (records.length === 0) return;
    const { append, rows } = reader.read(records);
    for (const record of append) this.#log.append(place(record), this.agenda.now);
    for (const [key, saved] of rows) {
      const wakeAt = saved?.kept.wakeAt ?? null;
      if (wakeAt !== null) this.#wake(reader, partition, key, wakeAt);
      if (reader.processor === offers && saved) this.onOffer(key);
      if (reader.processor === stockView) {
        this.#available.set(key, reader.state<{ onHand: number }>(key)!.onHand);
      }
    }
  }

  /** As the services do: when a timer is due and the log stands still there, time is appended. */
  #wake(reader: VirtualReader, partition: VirtualPartition, key: string, wakeAt: number): void {
    this.agenda.at(wakeAt, () => {
      if (reader.rows.get(key)?.kept.wakeAt !== wakeAt || partition.time >= wakeAt) return;
      const { now } = this.agenda;
      const next = (this.#tickedAt.get(reader) ?? 0) + TICK_MS;
      if (next > now) return this.#wake(reader, partition, key, Math.max(wakeAt, next));
      this.#tickedAt.set(reader, now);
      const { service, name } = reader.processor;
      const id = uuidOf(this.options.seed, name, partition.partition, now);
      this.#log.append(timePassed(service, partition, now, id), now);
    });
  }

  #forget(): void {
    for (const [topic, partitions] of this.#log.partitions) {
      const readers = [...this.#readers].filter(([processor]) => processor.topic.name === topic);
      for (const partition of partitions) {
        const end = partition.first + partition.records.length;
        const offsets = readers.map(([, all]) => all[partition.partition]!.progress.offset);
        this.#log.forget(partition, Math.min(end, ...offsets));
      }
    }
  }
}
