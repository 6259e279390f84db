import { Injectable, Logger } from '@nestjs/common';
import type { OnApplicationBootstrap, OnApplicationShutdown } from '@nestjs/common';
import { orders } from '#contracts/orders';
import { stockLevels, StockLevelChanged } from '#contracts/stock';
import { ReleaseChanged, visitors } from '#contracts/visitors';
import { LogTail } from '#log/log.module';
import { partitionOf } from '#log/partition';
import type { Processor } from '#log/processor';
import type { Tail, Tailed } from '#log/tail';
import { Views } from '#log/views';
import { Carts } from './carts.ts';
import { offers } from './offers.ts';
import { orderView } from './order-view.ts';
import type { Visitor } from './visitor.ts';

/** One browser that listens. */
export interface Listener {
  readonly visitor: Visitor;
  send(event: 'me' | 'stock', json: string): void;
}

/** Events of the visitors topic after which a page looks different. */
const SHOWN_BY_PAGES = new Set([
  'CouponOffered',
  'OfferShown',
  'OfferDismissed',
  'OfferExpired',
  'CouponReturned',
  'CouponRedeemed',
  'ItemAddedToCart',
  'ItemRemovedFromCart',
  'CouponApplied',
  'CouponRefused',
  'CartCheckedOut',
]);

/**
 * The live channel. The log says *that* something about a visitor changed; what is sent is always
 * the whole present state, read once the view has passed that event. So every message is complete,
 * and one that was missed is made good by the next.
 */
@Injectable()
export class Live implements OnApplicationBootstrap, OnApplicationShutdown {
  private readonly logger = new Logger('live');
  private readonly listeners = new Map<string, Set<Listener>>();
  private readonly lastSent = new WeakMap<Listener, string>();
  private tail: Promise<Tail> | undefined;

  constructor(
    private readonly log: LogTail,
    private readonly carts: Carts,
    private readonly views: Views,
  ) {}

  onApplicationBootstrap(): void {
    const watched = [visitors, orders, stockLevels];
    const others = [ReleaseChanged.type, StockLevelChanged.type, ...orders.events.keys()];
    const wanted = new Set([...SHOWN_BY_PAGES, ...others]);
    this.tail = this.log.watch(watched, 'now', (tailed) => this.notice(tailed), { wanted });
    this.tail.then(
      () => this.catchUp(),
      (error: Error) => this.logger.error(`The live channel: ${error.message}`),
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await (await this.tail)?.close();
  }

  /** Adds a listener, and sends it the whole state first. Returns how to remove it. */
  async listen(listener: Listener): Promise<() => void> {
    const { visitorId } = listener.visitor;
    const ofVisitor = this.listeners.get(visitorId) ?? new Set();
    this.listeners.set(visitorId, ofVisitor.add(listener));
    await this.sendState(listener);
    return () => {
      ofVisitor.delete(listener);
      if (ofVisitor.size === 0) this.listeners.delete(visitorId);
    };
  }

  /** Whoever listened before the log was watched may have missed something. */
  private catchUp(): void {
    for (const listening of this.listeners.values()) this.send(listening, Promise.resolve());
  }

  private notice(tailed: Tailed): void {
    const { topic, event } = tailed;
    if (!event) return;
    if (event.type === StockLevelChanged.type) return this.tellStock(event.data as never);
    if (event.type === ReleaseChanged.type) return this.tellAll(tailed);
    const ofOrders = topic === orders.name;
    const { visitorId } = event.data as { visitorId?: string };
    const listening = visitorId === undefined ? undefined : this.listeners.get(visitorId);
    if (!listening) return;
    this.tell(listening, ofOrders ? orderView : offers, tailed);
  }

  /** Everybody on the partition may be on another release now. */
  private tellAll(tailed: Tailed): void {
    for (const [visitorId, listening] of this.listeners) {
      if (partitionOf(visitorId) === tailed.partition) {
        this.tell(listening, offers, tailed);
      }
    }
  }

  private tellStock({ sku, onHand }: { sku: string; onHand: number }): void {
    const json = JSON.stringify({ sku, available: onHand });
    for (const listening of this.listeners.values()) {
      for (const listener of listening) listener.send('stock', json);
    }
  }

  private tell(listening: ReadonlySet<Listener>, view: Processor<any>, tailed: Tailed): void {
    this.send(listening, this.views.passed(view, tailed));
  }

  private send(listening: ReadonlySet<Listener>, after: Promise<void>): void {
    const send = async () => {
      await after;
      for (const listener of listening) await this.sendState(listener);
    };
    send().catch((error: Error) =>
      this.logger.warn(`A live message was not sent: ${error.message}`),
    );
  }

  private async sendState(listener: Listener): Promise<void> {
    const state = JSON.stringify(await this.carts.me(listener.visitor));
    if (this.lastSent.get(listener) === state) return;
    this.lastSent.set(listener, state);
    listener.send('me', state);
  }
}
