import { randomUUID } from 'node:crypto';
import { Away } from './door.ts';
import type { Door } from './door.ts';
import { pause } from './pause.ts';

const BATCH = 100;
const RETRY_MS = { first: 500, longest: 30_000 };

/** A browser tab with the tag in it: numbers its hits and resends them until they are answered. */
export class Tab {
  readonly #identity;
  readonly #waiting: object[] = [];
  #hits = 0;
  #sending: Promise<void> | null = null;

  constructor(
    private readonly collector: Pick<Door, 'knock'>,
    visitorId: string,
    private readonly closing: AbortSignal,
    private readonly wait = pause,
  ) {
    this.#identity = { visitorId, sessionId: randomUUID(), tab: randomUUID(), site: 'shop' };
  }

  /** Sends in the background, in order. */
  hit(type: string, url: string, fields: object = {}): void {
    this.#hits += 1;
    this.#waiting.push({ type, ...this.#identity, hit: this.#hits, url, ...fields });
    this.#sending ??= this.#send().finally(() => (this.#sending = null));
  }

  /** Resolves when every hit is answered, or the signal says that the tab is lost. */
  async answered(): Promise<void> {
    await this.#sending;
  }

  async #send(): Promise<void> {
    // The first turn goes to the caller, so that hits of one moment travel together.
    await Promise.resolve();
    for (let failures = 0; this.#waiting.length > 0 && !this.closing.aborted;) {
      const batch = this.#waiting.slice(0, BATCH);
      if (await this.#deliver(batch)) {
        this.#waiting.splice(0, batch.length);
        failures = 0;
      } else {
        await this.wait(Math.min(RETRY_MS.first * 2 ** failures++, RETRY_MS.longest), this.closing);
      }
    }
  }

  /** True when answered: also a refusal is an answer, which sending again would not change. */
  async #deliver(hits: object[]): Promise<boolean> {
    try {
      await this.collector.knock('/collect', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(hits),
      });
      return true;
    } catch (error) {
      if (error instanceof Away) return false;
      throw error;
    }
  }
}
