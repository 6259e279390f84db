import type { LogSink } from './log-sink.ts';

/** Why a service is not what it should be, in words; `blocks` when it cannot do its work. */
export interface Complaint {
  says: string;
  blocks: boolean;
}

/** What lasts for longer than this keeps a service from its work; before, it is only visible. */
export const PATIENCE_MS = 10_000;

const MAX_REASON = 300;

/**
 * Something that fails and is tried again until it works: said when it begins and when it is over,
 * with how often it was tried, and not each time. Both are warnings: who read of the beginning
 * should read of the end.
 */
export class Trouble {
  private since: number | null = null;
  private tries = 0;
  private why = '';

  /** `words` as in { fails: 'The outbox waits', works: 'The outbox is published again' }. */
  constructor(
    private readonly sink: LogSink,
    private readonly words: { fails: string; works: string },
    private readonly facts: object = {},
  ) {}

  get lasts(): boolean {
    return this.since !== null;
  }

  /** It failed, at `now` (ms). Returns how many times in a row. */
  failed(error: Error, now = Date.now()): number {
    this.tries += 1;
    this.why = reasonOf(error);
    const { fails } = this.words;
    if (this.since === null) {
      this.since = now;
      this.sink.warn(`${fails}: ${this.why}; it is tried again until it works`, this.facts);
    } else {
      this.sink.debug(`${fails}, ${this.tries} times by now: ${this.why}`, this.facts);
    }
    return this.tries;
  }

  /** It works. */
  passed(now = Date.now()): void {
    if (this.since === null) return;
    const { since, tries, words, facts } = this;
    const times = tries === 1 ? 'one try' : `${tries} tries`;
    this.sink.warn(`${words.works}, after ${times} in ${seconds(now - since)}`, facts);
    this.since = null;
    this.tries = 0;
  }

  complaints(now = Date.now()): Complaint[] {
    if (this.since === null) return [];
    const lastedMs = now - this.since;
    const says = `${this.words.fails}, for ${seconds(lastedMs)}: ${this.why}`;
    return [{ says, blocks: lastedMs >= PATIENCE_MS }];
  }
}

/** `12 s`; what is shorter than ten seconds has a decimal. */
export function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(ms < 9_950 ? 1 : 0)} s`;
}

/** The first line of an error. Some of Node's have an empty message and say why in their parts. */
export function reasonOf(error: Error): string {
  const [first] = error instanceof AggregateError ? (error.errors as Error[]) : [];
  const message = error.message || first?.message || error.name;
  return message.split('\n')[0]!.slice(0, MAX_REASON);
}
