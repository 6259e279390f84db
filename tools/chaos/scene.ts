import { setImmediate as nextTurn, setTimeout as pause } from 'node:timers/promises';
import { withAdmin } from '#log/kafka';
import type { Broker } from '../kafka/broker.ts';
import type { Backlog } from './backlog.ts';
import { readers } from './faults/chance.ts';
import type { Driver } from './driver.ts';
import { TOPICS } from './watch.ts';
import type { Ends, Watch } from './watch.ts';
import type { World } from './world.ts';

const BUSY_LIMIT_MS = 5_000;
const RECOVERY_LIMIT_MS = 120_000;
const BACK_LIMIT_MS = 120_000;

/** What a strike acts on, and how its effect is seen. */
export class Scene {
  constructor(
    readonly world: World,
    readonly driver: Driver,
    readonly watch: Watch,
    readonly backlog: Backlog,
  ) {}

  /** Requests under way, and orders that were taken and are not decided. */
  inFlight(): number {
    return this.driver.pending + this.watch.undecided(this.driver.ledger.orders).length;
  }

  /**
   * Strikes these services while each of them is at work. Returns how much it was: requests that
   * waited at their doors, records that were on the log and were not done, rows in their outboxes.
   */
  async strike(services: readonly string[], act: () => void): Promise<number> {
    await this.untilBusy(() => this.allBusy(services));
    const pending = services.reduce((sum, service) => sum + this.pendingAt(service), 0);
    const ends = this.watch.ends();
    act();
    const own = readers.filter((service) => services.includes(service));
    const left = await Promise.all(own.map((service) => this.backlog.of(service, ends)));
    return left.reduce((sum, count) => sum + count, pending);
  }

  /** As {@link strike}, for what everybody stands on. */
  async strikeAll(act: () => void): Promise<number> {
    await this.untilBusy(async () => this.driver.pending > 0);
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
    const { topics } = await withAdmin(this.world.kafka, (admin) =>
      admin.fetchTopicMetadata({ topics: [topic] }),
    );
    const found = topics[0]!.partitions.find(({ partitionId }) => partitionId === partition);
    // Nodes count from 1; without a leader there is one that nobody misses.
    return this.world.brokers[(found?.leader ?? 1) - 1] ?? this.world.brokers[0]!;
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

  /**
   * Resolves when all services are ready and every order taken until now is decided: with null, or
   * with what was still missing when the time for it was over.
   */
  async recovered(): Promise<string | null> {
    const limit = Date.now() + RECOVERY_LIMIT_MS;
    let orders = [...this.driver.ledger.orders];
    for (;;) {
      orders = this.watch.undecided(orders);
      const notReady = orders.length === 0 ? await this.world.system.notReady() : [];
      if (orders.length === 0 && notReady.length === 0) return null;
      if (Date.now() > limit) {
        return notReady.length > 0
          ? `${notReady.join(', ')} not ready`
          : `no decision of ${orders.length} orders, ${orders[0]} first`;
      }
      await pause(50);
    }
  }

  /** As {@link recovered}: when every group has read what is on the log then, and no outbox holds anything. */
  async quiet(limitMs: number): Promise<string | null> {
    const limit = Date.now() + limitMs;
    for (;;) {
      const missing = await this.unread();
      if (missing === null || Date.now() > limit) return missing;
      await pause(200);
    }
  }

  private async unread(): Promise<string | null> {
    const ends = await this.ends();
    if (!ends) return 'the log does not say where it ends';
    const left = await Promise.all(
      readers.map(async (service) => [service, await this.backlog.of(service, ends)] as const),
    );
    const behind = left.filter(([, count]) => count > 0);
    if (behind.length === 0) return null;
    return behind.map(([service, count]) => `${count} before ${service}`).join(', ');
  }

  private async untilBusy(isBusy: () => Promise<boolean>): Promise<void> {
    const limit = Date.now() + BUSY_LIMIT_MS;
    while (!(await isBusy()) && Date.now() < limit) await nextTurn();
  }

  /** Each of them runs and has something to do now. */
  private async allBusy(services: readonly string[]): Promise<boolean> {
    for (const service of services) {
      if (this.world.pidOf(`${service}-1`) === null) return false;
      if (this.pendingAt(service) > 0) continue;
      if (!readers.includes(service)) return false;
      if ((await this.backlog.of(service, this.watch.ends())) === 0) return false;
    }
    return true;
  }

  private pendingAt(service: string): number {
    if (service === 'shop') return this.driver.shop.pending;
    return service === 'collector' ? this.driver.collector.pending : 0;
  }

  /**
   * Null when the log cannot say: a topic has no leader for a moment. A client that had stood by when
   * leaders went would not get over it.
   */
  private async ends(): Promise<Ends | null> {
    const found = await withAdmin(this.world.kafka, (admin) =>
      Promise.all(
        TOPICS.map(async (topic) => ({ topic, ends: await admin.fetchTopicOffsets(topic) })),
      ),
    ).catch(() => null);
    if (!found) return null;
    return new Map(
      found.flatMap(({ topic, ends }) =>
        ends.map(({ partition, high }) => [`${topic}-${partition}`, Number(high)] as const),
      ),
    );
  }
}
