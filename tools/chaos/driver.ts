import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '#testing/golden';
import { catalog } from '../catalog.ts';
import { Door } from './door.ts';
import type { Answer } from './door.ts';
import { Ledger } from './ledger.ts';
import type { World } from './world.ts';

/** What the shoppers want; nobody delivers the last two, so some orders are short of them. */
const SKUS = catalog.slice(0, 30).map(({ sku }) => sku);
const DELIVERED = SKUS.slice(0, -2);
const DELIVER_EVERY_MS = 5_000;
/** Shoppers at the doors at once. When the shop is slow or away, no more come. */
const MOST_SHOPPERS = 80;
/** Every so many-th shopper buys a second product. */
const BUYS_TWO = 3;
/** Every so many-th shopper hesitates, and may be offered a coupon. */
const HESITATES = 12;
const RETURNS = 5;

/** People who shop and look around all the time, by the public doors only, and keep accounts. */
export class Driver {
  readonly ledger = new Ledger();
  readonly shop: Door;
  readonly collector: Door;
  /** Shoppers who did not come as there were too many already. */
  stayedAway = 0;
  private readonly random: () => number;
  private shoppers = 0;
  private open = true;
  private givingUp = false;
  private coming: Promise<unknown> = Promise.resolve();
  private count = 0;
  private readonly regulars: string[] = [];

  constructor(
    private readonly world: Pick<World, 'shopUrl' | 'collectorUrl' | 'deliveriesSecret'>,
    seed: number,
    private readonly most = MOST_SHOPPERS,
  ) {
    this.random = seeded(seed);
    this.shop = new Door(world.shopUrl, () => this.givingUp);
    this.collector = new Door(world.collectorUrl, () => this.givingUp);
  }

  /** Requests that failed, of each kind. */
  get failures(): Record<string, number> {
    return Object.fromEntries([...this.shop.failures, ...this.collector.failures]);
  }

  get failed(): number {
    return this.shop.failed + this.collector.failed;
  }

  get pending(): number {
    return this.shop.pending + this.collector.pending;
  }

  start(rate: number): void {
    this.coming = Promise.all([this.welcome(rate), this.restock(rate)]);
  }

  /** Nobody comes any more; resolves when the last has gone, or after `limitMs`. */
  async close(limitMs: number): Promise<{ left: number }> {
    this.open = false;
    const limit = Date.now() + limitMs;
    while (this.shoppers > 0 && Date.now() < limit) await pause(50);
    const left = this.shoppers;
    this.givingUp = true;
    await this.coming;
    return { left };
  }

  private async welcome(rate: number): Promise<void> {
    const began = performance.now();
    for (let come = 0; this.open; come += 1) {
      if (this.shoppers < this.most) void this.visit();
      else this.stayedAway += 1;
      await pause(Math.max(0, began + ((come + 1) * 1000) / rate - performance.now()));
    }
  }

  private async visit(): Promise<void> {
    this.shoppers += 1;
    try {
      const number = (this.count += 1);
      const visitorId = this.someone();
      const wanted =
        number % BUYS_TWO === 0 ? [this.pick(SKUS), this.pick(SKUS)] : [this.pick(SKUS)];
      const skus = [...new Set(wanted)];
      await this.look(visitorId, skus);
      await this.fillCart(visitorId, skus);
      const code = number % HESITATES === 0 ? await this.hesitate(visitorId) : null;
      await this.checkOut(visitorId, number % 20 === 0);
      if (code === null) return;
      // Whoever got something for less tries it once more.
      await this.fillCart(visitorId, skus);
      await this.ask(visitorId, 'POST', '/cart/coupon', { code });
      await this.checkOut(visitorId, false);
    } finally {
      this.shoppers -= 1;
    }
  }

  private async fillCart(visitorId: string, skus: readonly string[]): Promise<void> {
    for (const sku of skus) {
      const quantity = 1 + Math.floor(this.random() * 3);
      await this.ask(visitorId, 'POST', '/cart/items', { sku, quantity });
    }
  }

  /** Somebody new, or one of those who were here before. */
  private someone(): string {
    if (this.regulars.length > 50 && this.random() < 1 / RETURNS) return this.regulars.shift()!;
    const visitorId = randomUUID();
    this.regulars.push(visitorId);
    return visitorId;
  }

  /** A tab tells what it saw, again until answered; one in ten tells it twice. */
  private async look(visitorId: string, skus: readonly string[], last?: object): Promise<void> {
    const tab = randomUUID();
    const common = { visitorId, sessionId: 'chaos', tab, site: 'shop', url: '/' };
    const seen: object[] = skus.map((sku) => ({ type: 'ProductViewed', sku }));
    const hits = [...seen, ...(last ? [last] : [])].map((hit, i) => ({
      ...common,
      ...hit,
      hit: i + 1,
    }));
    const body = JSON.stringify(hits);
    const tell = () => this.collector.insist('/collect', () => ({ ...json, method: 'POST', body }));
    const answers = this.random() < 0.1 ? await Promise.all([tell(), tell()]) : [await tell()];
    if (answers.every((answer) => answer?.status !== 204)) return;
    for (const { hit } of hits) this.ledger.hits.add(`${visitorId}/${tab}/${hit}`);
  }

  /** Reaches for the way out, and takes the coupon if there is one soon. Returns its code. */
  private async hesitate(visitorId: string): Promise<string | null> {
    await this.look(visitorId, [], { type: 'ExitIntended' });
    for (let looks = 0; looks < 8 && !this.givingUp; looks += 1) {
      const answer = await this.ask(visitorId, 'GET', '/me');
      const offer = (answer?.body as { offer?: { code: string } } | undefined)?.offer;
      if (offer) {
        await this.ask(visitorId, 'POST', '/cart/coupon', { code: offer.code });
        return offer.code;
      }
      await pause(150);
    }
    return null;
  }

  private async checkOut(visitorId: string, twice: boolean): Promise<void> {
    const orderId = randomUUID();
    this.ledger.tried.set(orderId, visitorId);
    const order = { orderId, name: 'Ada', email: 'ada@example.com', address: '1 Mill Lane' };
    const send = () => this.ask(visitorId, 'POST', '/checkout', order);
    let answers = twice ? await Promise.all([send(), send()]) : [await send()];
    // The coupon ran out meanwhile: the shop says so, and takes the order at the new total.
    if (answers.every((answer) => answer?.status === 409)) answers = [await send()];
    if (answers.some((answer) => answer?.status === 202)) this.ledger.orders.add(orderId);
  }

  private ask(
    visitorId: string,
    method: string,
    path: string,
    body?: object,
  ): Promise<Answer | null> {
    const cookie = `visitor=${visitorId}`;
    return this.shop.insist(`/api${path}`, () => ({
      method,
      headers: { cookie, ...(body && json.headers) },
      ...(body && { body: JSON.stringify(body) }),
    }));
  }

  private async restock(rate: number): Promise<void> {
    const quantity = Math.ceil((rate * (DELIVER_EVERY_MS / 1000) * 4) / SKUS.length);
    while (this.open) {
      const deliveryId = randomUUID();
      const items = DELIVERED.map((sku) => ({ sku, quantity }));
      const body = JSON.stringify({ deliveryId, supplier: 'Mill & Sons', items });
      const answer = await this.collector.insist('/hooks/deliveries', () => this.signed(body));
      if (answer?.status === 202) this.ledger.deliveries.set(deliveryId, items.length);
      const until = Date.now() + DELIVER_EVERY_MS;
      while (this.open && Date.now() < until) await pause(100);
    }
  }

  private signed(body: string): RequestInit {
    const seconds = Math.floor(Date.now() / 1000);
    const { deliveriesSecret } = this.world;
    const digest = createHmac('sha256', deliveriesSecret)
      .update(`${seconds}.${body}`)
      .digest('hex');
    const headers = { ...json.headers, 'x-signature': `t=${seconds},v1=${digest}` };
    return { method: 'POST', headers, body };
  }

  private pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.random() * list.length)]!;
  }
}

const json = { headers: { 'content-type': 'application/json' } };
