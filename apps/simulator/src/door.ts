import { Logger } from '@nestjs/common';

/** The other side is away: nothing was decided, try again later. */
export class Away extends Error {}

const PATIENCE_MS = 10_000;
const LONGEST_BACK_OFF_MS = 30_000;
/** A single lost answer is everyday life; so many in a row are worth a line in the log. */
const WORTH_SAYING = 3;
/** Said once each, and only so many: a crowd meets the same refusal again and again. */
const MOST_COMPLAINTS = 10;
/** Refusals of everyday shopping: a product that is gone, a cart that is empty. */
const everyday = [404, 409];

export interface Answer {
  readonly status: number;
  readonly body: unknown;
  readonly setCookie: readonly string[];
}

/** One public door of the retailer, seen from outside: how to knock, and when to knock again. */
export class Door {
  readonly #logger = new Logger('simulator');
  #failures = 0;
  #retryAt = 0;
  readonly #complaints = new Set<string>();

  constructor(
    readonly name: string,
    readonly url: string,
  ) {}

  /** False while it is away and it is too early to try again. */
  get open(): boolean {
    return Date.now() >= this.#retryAt;
  }

  /** The answer, whatever it says, unless the door is away: then {@link Away}. */
  async knock(path: string, init: RequestInit = {}): Promise<Answer> {
    const signal = AbortSignal.timeout(PATIENCE_MS);
    const response = await this.connect(path, { ...init, signal });
    const { status, headers } = response;
    const body = parsed(await this.#orAway(response.text()));
    if (status >= 400 && !everyday.includes(status)) this.#complain(status, body);
    return { status, body, setCookie: headers.getSetCookie() };
  }

  /** A connection that stays: the caller reads it, and ends it with its own signal. */
  async connect(path: string, init: RequestInit): Promise<Response> {
    const response = await this.#orAway(fetch(new URL(path, this.url), init));
    if (response.status >= 500) {
      await response.body?.cancel();
      return this.#failed(`status ${response.status}`);
    }
    this.#answered();
    return response;
  }

  async #orAway<T>(attempt: Promise<T>): Promise<T> {
    try {
      return await attempt;
    } catch (error) {
      const { name } = error as Error;
      // The caller hung up: that says nothing about the door.
      if (name === 'AbortError') throw error;
      return this.#failed(name === 'TimeoutError' ? 'no answer in time' : 'no connection');
    }
  }

  #complain(status: number, body: unknown): void {
    const reason = `The ${this.name} refuses with ${status}: ${JSON.stringify(body).slice(0, 300)}`;
    if (this.#complaints.size >= MOST_COMPLAINTS || this.#complaints.has(reason)) return;
    this.#complaints.add(reason);
    this.#logger.warn(reason);
  }

  #failed(reason: string): never {
    this.#failures += 1;
    const backOffMs = Math.min(250 * 2 ** this.#failures, LONGEST_BACK_OFF_MS);
    this.#retryAt = Date.now() + backOffMs;
    if (this.#failures === WORTH_SAYING) {
      this.#logger.warn(`The ${this.name} at ${this.url} is away (${reason}); trying on.`);
    }
    throw new Away(`The ${this.name} is away (${reason}).`);
  }

  #answered(): void {
    if (this.#failures >= WORTH_SAYING) this.#logger.log(`The ${this.name} answers again.`);
    this.#failures = 0;
    this.#retryAt = 0;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
