import { createHmac, randomUUID } from 'node:crypto';
import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { CONFIG } from '#service/config';
import type { Config } from './config.ts';
import { Dice } from './dice.ts';
import { Away } from './door.ts';
import { Doors } from './doors.ts';
import { pause } from './pause.ts';
import { restock } from './restocking.ts';
import type { Delivery, LowLooks, Shelf } from './restocking.ts';

const LOOK_EVERY_MS = 30_000;
const RETRY_MS = 5_000;
const MOST_PAGES = 50;

/** Suppliers walk along the shelves like anybody else, and deliver by signed web hook. */
@Injectable()
export class Suppliers implements OnApplicationBootstrap, BeforeApplicationShutdown {
  /** What the shop sold at the last look; empty before the first. */
  shelves: readonly Shelf[] = [];
  readonly #logger = new Logger('simulator');
  readonly #dice: Dice;
  readonly #secret: string;
  readonly #closing = new AbortController();
  #low: LowLooks = new Map();
  #working: Promise<void> = Promise.resolve();

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly doors: Doors,
  ) {
    this.#dice = new Dice(config.SEED, 'suppliers');
    this.#secret = config.DELIVERIES_SECRET;
  }

  onApplicationBootstrap(): void {
    this.#working = this.#work();
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#closing.abort();
    await this.#working;
  }

  async #work(): Promise<void> {
    const { signal } = this.#closing;
    while (!signal.aborted) {
      try {
        await this.#look();
        const { low, deliveries } = restock(this.shelves, this.#low, this.#dice);
        this.#low = low;
        for (const delivery of deliveries) await this.#deliver(delivery);
      } catch (error) {
        // The doors say themselves when they are away.
        if (!(error instanceof Away)) this.#logger.error(`The suppliers stumbled: ${error}`);
      }
      await pause(this.shelves.length > 0 ? LOOK_EVERY_MS : RETRY_MS, signal);
    }
  }

  async #look(): Promise<void> {
    const found: Shelf[] = [];
    for (let page = 1; page <= MOST_PAGES; page++) {
      const { status, body } = await this.doors.shop.knock(`/api/products?sort=name&page=${page}`);
      if (status !== 200) return;
      const { products, total } = body as { products: Shelf[]; total: number };
      found.push(...products);
      if (products.length === 0 || found.length >= total) break;
    }
    this.shelves = found;
  }

  /** Sent until answered under one delivery id, so that it is counted once. */
  async #deliver({ supplier, items }: Delivery): Promise<void> {
    const { signal } = this.#closing;
    const body = JSON.stringify({ deliveryId: randomUUID(), supplier, items });
    while (!signal.aborted) {
      try {
        await this.doors.collector.knock('/hooks/deliveries', {
          method: 'POST',
          headers: {
            'content-type': 'application/json',
            'x-signature': signature(this.#secret, body, Math.floor(Date.now() / 1000)),
          },
          body,
        });
        return;
      } catch (error) {
        if (!(error instanceof Away)) throw error;
        await pause(RETRY_MS, signal);
      }
    }
  }
}

/** What the collector expects in `x-signature`. */
export function signature(secret: string, body: string, seconds: number): string {
  const hash = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${hash}`;
}
