import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { CONFIG } from '#service/config';
import { Browser } from './browser.ts';
import type { Customer } from './browser.ts';
import type { Config } from './config.ts';
import { Dice } from './dice.ts';
import { Away } from './door.ts';
import { Doors } from './doors.ts';
import { gapBefore, planSession } from './session-plan.ts';
import type { SessionPlan } from './session-plan.ts';
import { walk } from './session.ts';
import { Suppliers } from './suppliers.ts';
import { tastesFor } from './tastes.ts';

const TICK_MS = 100;
/** Whoever comes while so many are in the shop turns round at the door. */
const MOST_AT_ONCE = 300;
/** People whose cookie is kept, so that they come back as who they were. */
const MOST_REMEMBERED = 2_000;

const ended = new Counter({
  name: 'simulator_sessions_total',
  help: 'Sessions that ended, by what the shopper had in mind and what came of it',
  labelNames: ['intention', 'outcome'],
});
const running = new Gauge({ name: 'simulator_sessions', help: 'Sessions going on now' });

/** Shoppers come one after the other, at a rate that may change at any time. */
@Injectable()
export class Crowd implements OnApplicationBootstrap, BeforeApplicationShutdown {
  sessionsPerSecond: number;
  readonly #logger = new Logger('simulator');
  readonly #inside = new Map<Browser, Promise<void>>();
  readonly #cookies = new Map<number, string>();
  readonly #seed: string;
  #arrived = 0;
  #untilNext: number;
  #ticking: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly doors: Doors,
    private readonly suppliers: Suppliers,
  ) {
    this.sessionsPerSecond = config.SESSIONS_PER_SECOND;
    this.#seed = config.SEED;
    this.#untilNext = gapBefore(this.#seed, 0);
  }

  onApplicationBootstrap(): void {
    let last = performance.now();
    this.#ticking = setInterval(() => {
      const now = performance.now();
      this.#passed((now - last) / 1000);
      last = now;
    }, TICK_MS);
  }

  async beforeApplicationShutdown(): Promise<void> {
    clearInterval(this.#ticking);
    for (const browser of this.#inside.keys()) browser.close();
    await Promise.all(this.#inside.values());
  }

  #passed(seconds: number): void {
    this.#untilNext -= seconds * this.sessionsPerSecond;
    while (this.#untilNext <= 0) {
      this.#admit(this.#arrived++);
      this.#untilNext += gapBefore(this.#seed, this.#arrived);
    }
  }

  #admit(n: number): void {
    const { shelves } = this.suppliers;
    if (shelves.length === 0 || !this.doors.shop.open) return;
    if (this.#inside.size >= MOST_AT_ONCE) return;
    const plan = planSession(this.#seed, n, tastesFor(shelves));
    const browser = new Browser(this.doors.shop, this.doors.collector, {
      cookie: this.#cookies.get(plan.visitor) ?? null,
      optedOut: plan.optedOut,
      listens: plan.intention !== 'bot',
    });
    const session = this.#shop(plan, browser).finally(() => {
      this.#inside.delete(browser);
      running.set(this.#inside.size);
    });
    this.#inside.set(browser, session);
    running.set(this.#inside.size);
  }

  async #shop(plan: SessionPlan, browser: Browser): Promise<void> {
    const outcome = await this.#outcome(plan, browser);
    ended.inc({ intention: plan.intention, outcome });
    this.#remember(plan.visitor, browser.cookie);
    await browser.leave();
  }

  async #outcome(plan: SessionPlan, browser: Browser): Promise<string> {
    try {
      await browser.arrive();
      return await walk(plan, browser, customerOf(this.#seed, plan.visitor));
    } catch (error) {
      if (error instanceof Away) return 'gave up';
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error(`A session broke off: ${reason}`);
      return 'broke off';
    }
  }

  #remember(visitor: number, cookie: string | null): void {
    if (cookie === null) return;
    this.#cookies.delete(visitor);
    this.#cookies.set(visitor, cookie);
    if (this.#cookies.size <= MOST_REMEMBERED) return;
    for (const oldest of this.#cookies.keys()) {
      this.#cookies.delete(oldest);
      return;
    }
  }
}

const givenNames = ['Ada', 'Bo', 'Carla', 'Dov', 'Edda', 'Finn', 'Gita', 'Hugo', 'Ines', 'Juri'];
const familyNames = ['Brook', 'Ford', 'Marsh', 'Poole', 'Reed', 'Rivers', 'Shaw', 'Wells', 'Weir'];
const streets = ['Towpath', 'Mill Lane', 'Ferry Road', 'Lock Street', 'Willow Walk'];

function customerOf(seed: string, visitor: number): Customer {
  const dice = new Dice(seed, 'customer', visitor);
  const given = dice.pick(givenNames);
  const family = dice.pick(familyNames);
  return {
    name: `${given} ${family}`,
    email: `${given}.${family}@example.com`.toLowerCase(),
    address: `${dice.between(1, 120)} ${dice.pick(streets)}, Streamside`,
  };
}
