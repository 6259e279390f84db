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
const QUIET_LIMIT_MS = 60_000;
/** From a hit to the last that comes of it: an order, a reservation, a decision, a stock level, its view. */
const CONSEQUENCES = 6;
/** Whoever looks on learns after so long what it waits for. */
const TELL_AFTER_MS = 15_000;
const BACK_LIMIT_MS = 120_000;

/** What a strike acts on, and how its effect is seen. */
export class Scene {
  constructor(
    readonly world: World,
    readonly driver: Driver,
    readonly watch: Watch,
    readonly backlog: Backlog,
    readonly tell: (line: string) => void,
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
  recovered(): Promise<string | null> {
    let orders = [...this.driver.ledger.orders];
    return this.waitFor(RECOVERY_LIMIT_MS, async () => {
      orders = this.watch.undecided(orders);
      if (orders.length > 0) return `no decision of ${orders.length} orders, ${orders[0]} first`;
      const notReady = await this.world.system.notReady();
      return notReady.length > 0 ? `${notReady.join(', ')} not ready` : null;
    });
  }

  /**
   * As {@link recovered}: when every group has read what was on the log at the beginning, what came of
   * that, and so on. Never is all read: as long as anybody waits for a moment, time passes on the log.
   */
  async quiet(): Promise<string | null> {
    for (let round = 0; round < CONSEQUENCES; round += 1) {
      let ends: Ends | null = null;
      const missing = await this.waitFor(QUIET_LIMIT_MS, async () => {
        ends ??= await this.ends();
        return ends ? this.unread(ends) : 'the log does not say where it ends';
      });
      if (missing !== null) return missing;
    }
    return null;
  }

  private async waitFor(
    limitMs: number,
    missing: () => Promise<string | null>,
  ): Promise<string | null> {
    const limit = Date.now() + limitMs;
    let tellAt = Date.now() + TELL_AFTER_MS;
    for (;;) {
      const still = await missing();
      if (still === null || Date.now() > limit) return still;
      if (Date.now() > tellAt) {
        this.tell(`  waits still: ${still}`);
        tellAt = Date.now() + TELL_AFTER_MS;
      }
      await pause(50);
    }
  }

  private async unread(ends: Ends): Promise<string | null> {
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
