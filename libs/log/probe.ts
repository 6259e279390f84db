import { PATIENCE_MS, reasonOf, seconds } from './trouble.ts';
import type { Complaint } from './trouble.ts';
import { NoAnswer, within } from './within.ts';

const EVERY_MS = 1000;
const LIMIT_MS = 1000;
/** An answer that is older says nothing about now. */
const FRESH_MS = 30_000;

/**
 * Asks a server how it is, when somebody wants to know: at most once a second, one question at a
 * time, and nobody waits for longer than a second.
 */
export class Probe<T> {
  private asking: Promise<void> | null = null;
  private askedAt = 0;
  private known: { answer: T; at: number } | null = null;
  private failure: { since: number; why: string; slow: boolean } | null = null;

  /** `whom` as in `the database`. */
  constructor(
    private readonly whom: string,
    private readonly ask: () => Promise<T>,
  ) {}

  /** Brings what is known up to date, as far as that goes in a second. Never rejects. */
  async look(): Promise<void> {
    if (!this.asking && Date.now() - this.askedAt < EVERY_MS) return;
    this.asking ??= this.question().finally(() => (this.asking = null));
    await within(LIMIT_MS, this.asking).catch((error: Error) => this.fail(error));
  }

  /** The last answer, undefined when there is none of late. */
  get answer(): T | undefined {
    return this.known && Date.now() - this.known.at < FRESH_MS ? this.known.answer : undefined;
  }

  /** Who refuses, or never answered, cannot be worked with; who is slow may have much to do. */
  complaints(now = Date.now()): Complaint[] {
    if (!this.failure) return [];
    const { since, why, slow } = this.failure;
    const says = `${this.whom} does not answer, for ${seconds(now - since)}: ${why}`;
    return [{ says, blocks: !slow || !this.known || now - since >= PATIENCE_MS }];
  }

  private async question(): Promise<void> {
    this.askedAt = Date.now();
    try {
      this.known = { answer: await this.ask(), at: Date.now() };
      this.failure = null;
    } catch (error) {
      this.fail(error as Error);
    }
  }

  private fail(error: Error): void {
    const slow = error instanceof NoAnswer;
    this.failure = { since: this.failure?.since ?? Date.now(), why: reasonOf(error), slow };
  }
}
