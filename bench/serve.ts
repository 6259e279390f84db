/** What a round came to, by name. */
export type Measures = Record<string, number>;

/** What the parent settled for this side. */
export function settings<T>(): T {
  return JSON.parse(process.env.BENCH_SIDE ?? '{}') as T;
}

/** Answers each request of the parent with one round, and ends when the parent does. */
export function serve(round: (argument: any) => Promise<Measures>): void {
  process.on('message', (argument) => {
    round(argument).then(
      (measures) => process.send!({ measures }),
      (error: Error) => process.send!({ error: error.message }),
    );
  });
  process.on('disconnect', () => process.exit());
  process.send!({ measures: {} });
}

/** Counts to a number, and takes the time from the first to the last. */
export class Count {
  readonly done: Promise<void>;
  private finish!: () => void;
  private count = 0;
  private began = 0;
  private ended = 0;

  /** `limitMs`: for who is too slow to get that far. */
  constructor(
    private readonly total: number,
    private readonly limitMs = Infinity,
  ) {
    this.done = new Promise((resolve) => (this.finish = resolve));
  }

  add(): void {
    if (this.ended > 0) return;
    if (this.count === 0) this.began = performance.now();
    this.count += 1;
    if (this.count >= this.total || this.isLate()) this.end();
  }

  /** The last may be counted before it is durable: then this moves the end. */
  end(): void {
    this.ended = performance.now();
    this.finish();
  }

  perSecond(): number {
    return this.count / ((this.ended - this.began) / 1000);
  }

  private isLate(): boolean {
    return this.limitMs !== Infinity && performance.now() - this.began > this.limitMs;
  }
}

export interface Appending {
  mode: 'single' | 'batch';
  /** How long a round lasts. */
  ms: number;
}

/** `concurrency` loops that append again and again; `append` answers with how many events. */
export async function appending(
  concurrency: number,
  ms: number,
  append: () => Promise<number>,
): Promise<Measures> {
  const began = performance.now();
  let count = 0;
  const loop = async () => {
    while (performance.now() - began < ms) {
      const appended = await append(); // In the sum itself it would add to a count read before.
      count += appended;
    }
  };
  await Promise.all(Array.from({ length: concurrency }, loop));
  return { perSecond: count / ((performance.now() - began) / 1000) };
}
