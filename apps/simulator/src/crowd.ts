import { Inject, Injectable, Logger } from '@nestjs/common';
import type { BeforeApplicationShutdown, OnApplicationBootstrap } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';
import { CONFIG } from '#service/config';
import { Browser } from './browser.ts';
import type { Config } from './config.ts';
import { customerOf } from './customer.ts';
import { Away } from './door.ts';
import { Doors } from './doors.ts';
import { Mind } from './mind.ts';
import { personas, usualMix } from './personas.ts';
import type { Mix, PersonaName } from './personas.ts';
import { live } from './session.ts';
import { gapBefore, shopperOf } from './shopper.ts';
import { Suppliers } from './suppliers.ts';
import { tastesFor } from './tastes.ts';
import type { Taste } from './tastes.ts';
import { TruthFile } from './truth-file.ts';
import { visit } from './visit.ts';

const TICK_MS = 100;
/** People whose cookie is kept, so that they come back as who they were. */
const MOST_REMEMBERED = 2_000;

const ended = new Counter({
  name: 'simulator_sessions_total',
  help: 'Sessions that ended, by what kind of shopper it was and what came of it',
  labelNames: ['persona', 'outcome'],
});
const running = new Gauge({ name: 'simulator_sessions', help: 'Sessions going on now' });
const turnedAway = new Counter({
  name: 'simulator_sessions_turned_away_total',
  help: 'Shoppers who found the shop full or closed',
});

/** How the crowd comes, and what became of it so far. */
export interface CrowdState {
  readonly sessionsPerSecond: number;
  readonly mix: Mix;
  readonly inside: number;
  readonly mostInside: number;
  readonly turnedAway: number;
  /** Sessions that ended, by persona and outcome. */
  readonly ended: Readonly<Record<PersonaName, Readonly<Record<string, number>>>>;
}

/** Shoppers come one after the other, at a rate and in a mix that may change at any time. */
@Injectable()
export class Crowd implements OnApplicationBootstrap, BeforeApplicationShutdown {
  sessionsPerSecond: number;
  mix: Mix = usualMix;
  readonly #logger = new Logger('simulator');
  readonly #inside = new Map<Browser, Promise<void>>();
  readonly #cookies = new Map<number, string>();
  readonly #seed: string;
  readonly #mostInside: number;
  readonly #ended = new Map<PersonaName, Map<string, number>>();
  #turnedAway = 0;
  #arrived = 0;
  #untilNext: number;
  #ticking: NodeJS.Timeout | undefined;

  constructor(
    @Inject(CONFIG) config: Config,
    private readonly doors: Doors,
    private readonly suppliers: Suppliers,
    private readonly truthFile: TruthFile,
  ) {
    this.sessionsPerSecond = config.SESSIONS_PER_SECOND;
    this.#seed = config.SEED;
    this.#mostInside = config.MOST_SESSIONS;
    this.#untilNext = gapBefore(this.#seed, 0);
  }

  get state(): CrowdState {
    const names = Object.keys(personas) as PersonaName[];
    const endedOf = (name: PersonaName) => Object.fromEntries(this.#ended.get(name) ?? []);
    return {
      sessionsPerSecond: this.sessionsPerSecond,
      mix: this.mix,
      inside: this.#inside.size,
      mostInside: this.#mostInside,
      turnedAway: this.#turnedAway,
      ended: Object.fromEntries(names.map((name) => [name, endedOf(name)])) as CrowdState['ended'],
    };
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
    if (shelves.length === 0) return; // Nobody has looked at what there is yet.
    if (!this.doors.shop.open || this.#inside.size >= this.#mostInside) {
      this.#turnedAway += 1;
      turnedAway.inc();
      return;
    }
    const tastes = tastesFor(shelves);
    const mind = new Mind(this.#seed, shopperOf(this.#seed, n, this.mix, tastes));
    const browser = new Browser(this.doors.shop, this.doors.collector, {
      cookie: this.#cookies.get(mind.shopper.visitor) ?? null,
      optedOut: mind.shopper.optedOut,
      listens: mind.shopper.persona !== 'bot',
    });
    const session = this.#shop(mind, browser, tastes).finally(() => {
      this.#inside.delete(browser);
      running.set(this.#inside.size);
    });
    this.#inside.set(browser, session);
    running.set(this.#inside.size);
  }

  async #shop(mind: Mind, browser: Browser, tastes: readonly Taste[]): Promise<void> {
    const from = Date.now();
    const outcome = await this.#outcome(mind, browser, tastes);
    this.#count(mind.shopper.persona, outcome);
    this.#remember(mind.shopper.visitor, browser.cookie);
    await browser.leave();
    const { visitorId } = browser;
    if (visitorId === null) return;
    const truth = { ...mind.truth(), visitorId, from, until: Date.now(), outcome };
    await this.truthFile.write(truth).catch((error: Error) => {
      this.#logger.error(`The truth about a session could not be written: ${error.message}`);
    });
  }

  async #outcome(mind: Mind, browser: Browser, tastes: readonly Taste[]): Promise<string> {
    const { visitor } = mind.shopper;
    try {
      return await live(visit(mind, tastes), browser, customerOf(this.#seed, visitor));
    } catch (error) {
      if (error instanceof Away) return 'gave up';
      const reason = error instanceof Error ? error.message : String(error);
      this.#logger.error(`A session broke off: ${reason}`);
      return 'broke off';
    }
  }

  #count(persona: PersonaName, outcome: string): void {
    ended.inc({ persona, outcome });
    const counts = this.#ended.get(persona) ?? new Map<string, number>();
    this.#ended.set(persona, counts.set(outcome, (counts.get(outcome) ?? 0) + 1));
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
