import { setTimeout as pause } from 'node:timers/promises';

const PATIENCE_MS = 10_000;
const RETRY_MS = 300;

export interface Answer {
  status: number;
  body: unknown;
}

/** A public door, knocked at until somebody answers: as browsers and suppliers do. */
export class Door {
  /** Requests that wait for their answer. */
  pending = 0;
  answered = 0;
  /** Requests that got no answer, or a 5xx: how many of each kind. */
  readonly failures = new Map<string, number>();

  constructor(
    private readonly url: string,
    private readonly isClosing: () => boolean,
  ) {}

  get failed(): number {
    return [...this.failures.values()].reduce((sum, count) => sum + count, 0);
  }

  /** The first answer below 500; null when there was none before the end. */
  async insist(path: string, init: () => RequestInit): Promise<Answer | null> {
    while (!this.isClosing()) {
      const answer = await this.once(path, init());
      if (answer) return answer;
      await pause(RETRY_MS);
    }
    return null;
  }

  private async once(path: string, init: RequestInit): Promise<Answer | null> {
    this.pending += 1;
    try {
      const signal = AbortSignal.timeout(PATIENCE_MS);
      const answer = await fetch(`${this.url}${path}`, { ...init, signal });
      const text = await answer.text();
      if (answer.status < 500) {
        this.answered += 1;
        return { status: answer.status, body: text && parsed(text) };
      }
      this.fail(init, path, `${answer.status} ${text.slice(0, 200)}`);
    } catch (error) {
      // No connection, cut in the middle, or too late: nothing is known.
      const { message, cause } = error as Error;
      this.fail(init, path, cause instanceof Error ? cause.message : message);
    } finally {
      this.pending -= 1;
    }
    return null;
  }

  private fail({ method }: RequestInit, path: string, why: string): void {
    const kind = `${method} ${path}: ${why}`;
    this.failures.set(kind, (this.failures.get(kind) ?? 0) + 1);
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
