import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import type { Broker } from '../kafka/broker.ts';
import { readers } from './faults/chance.ts';
import type { Driver } from './driver.ts';
import type { Watch } from './watch.ts';
import type { World } from './world.ts';

const BUSY_LIMIT_MS = 5_000;
const RECOVERY_LIMIT_MS = 120_000;
const BACK_LIMIT_MS = 120_000;

/** Where the topics end, as `topic-partition`. */
type Ends = ReadonlyMap<string, number>;

/** What a strike acts on, and how its effect is seen. */
export class Scene {
  constructor(
    readonly world: World,
    readonly driver: Driver,
    readonly watch: Watch,
    private readonly admin: Admin,
  ) {}

  /** Requests under way, and orders that were taken and are not decided. */
  inFlight(): number {
    return this.driver.pending + this.watch.undecided(this.driver.ledger.orders).length;
  }

  /**
   * Strikes these services while they are at work. Returns how much it was: requests that waited at
   * their doors, records that were on the log before and are not read, and rows in their outboxes.
   */
  async strike(services: readonly string[], act: () => void): Promise<number> {
    const ends = await this.ends();
    await this.untilBusy(services);
    const pending = services.reduce((sum, service) => sum + this.pendingAt(service), 0);
    act();
    const own = readers.filter((service) => services.includes(service));
    const unread = await Promise.all(own.map((service) => this.unread(service, ends)));
    return unread.reduce((sum, count) => sum + count, pending);
  }

  /** As {@link strike}, for what everybody stands on. */
  async strikeAll(act: () => void): Promise<number> {
    await this.untilBusy([]);
    const inFlight = this.inFlight();
    act();
    return inFlight;
  }

  /** Until the first orders are decided. */
  async untilSelling(): Promise<void> {
    const { orders } = this.driver.ledger;
    while (orders.size === 0 || this.watch.undecided(orders).length === orders.size) {
      await pause(50);
    }
  }

  async leaderOf(topic: string, partition: number): Promise<Broker> {
    const { topics } = await this.admin.fetchTopicMetadata({ topics: [topic] });
    const found = topics[0]!.partitions.find(({ partitionId }) => partitionId === partition);
    // Nodes count from 1; without a leader there is one that nobody misses.
    return this.world.brokers[(found?.leader ?? 1) - 1] ?? this.world.brokers[0]!;
  }

  /** Rows that wait for being published. */
  async outboxOf(service: string): Promise<number> {
    const client = await this.world.databaseOf(service);
    try {
      const { rows } = await client.query('select count(*) as n from log_outbox');
      return Number(rows[0].n);
    } finally {
      await client.end();
    }
  }

  /** Restarts a server that was killed; what is left of it may still be ending. */
  async bringBack(server: { restart(): Promise<void> }): Promise<void> {
    const limit = Date.now() + BACK_LIMIT_MS;
    for (;;) {
      try {
        return await server.restart();
      } catch (error) {
        if (Date.now() > limit) throw error;
        await pause(500);
      }
    }
  }

  /** All services are ready, and every order taken until now is decided. False: not in time. */
  async recovered(): Promise<boolean> {
    const limit = Date.now() + RECOVERY_LIMIT_MS;
    let orders = [...this.driver.ledger.orders];
    for (;;) {
      orders = this.watch.undecided(orders);
      if (orders.length === 0 && (await this.world.system.isReady())) return true;
      if (Date.now() > limit) return false;
      await pause(50);
    }
  }

  /** Every group has read what is on the log now, and no outbox holds anything. */
  async isQuiet(): Promise<boolean> {
    const ends = await this.ends();
    const unread = await Promise.all(readers.map((service) => this.unread(service, ends)));
    return unread.every((count) => count === 0);
  }

  private async untilBusy(services: readonly string[]): Promise<void> {
    const limit = Date.now() + BUSY_LIMIT_MS;
    const doors = services.filter((service) => service === 'shop' || service === 'collector');
    const busy = () =>
      doors.length > 0 ? doors.every((door) => this.pendingAt(door) > 0) : this.driver.pending > 0;
    while (!busy() && Date.now() < limit) await nextTurn();
  }

  private pendingAt(service: string): number {
    if (service === 'shop') return this.driver.shop.pending;
    return service === 'collector' ? this.driver.collector.pending : 0;
  }

  private async ends(): Promise<Ends> {
    const streams = ['visitors', 'orders', 'stock', 'affinities.v1'];
    const topics = [...streams, 'stock-levels', 'recommendations.v1', 'products'];
    const found = await Promise.all(
      topics.map(async (topic) => ({ topic, ends: await this.admin.fetchTopicOffsets(topic) })),
    );
    return new Map(
      found.flatMap(({ topic, ends }) =>
        ends.map(({ partition, high }) => [`${topic}-${partition}`, Number(high)] as const),
      ),
    );
  }

  private async unread(service: string, ends: Ends): Promise<number> {
    const client = await this.world.databaseOf(service);
    try {
      const { rows } = await client.query(
        'select topic, partition, next_offset from log_positions',
      );
      const left = rows.map(({ topic, partition, next_offset }) =>
        Math.max(0, (ends.get(`${topic}-${partition}`) ?? 0) - Number(next_offset)),
      );
      const outbox = await client.query('select count(*) as n from log_outbox');
      return left.reduce((sum, count) => sum + count, Number(outbox.rows[0].n));
    } finally {
      await client.end();
    }
  }
}
