import type { StateRow } from './state-row.ts';

/** A key whose timer is to be looked at, at a log time (ms). */
export interface Timer {
  at: number;
  key: string;
}

/** Timers of one partition that may fall due in a batch, in the order (time, key). */
export class DueTimers {
  private readonly queue: Timer[] = [];

  /** `horizon`: timers after this one are not all loaded; null when all that are due are. */
  constructor(
    rows: ReadonlyMap<string, StateRow>,
    private readonly horizon: Timer | null,
  ) {
    for (const [key, { lookAt }] of rows) if (lookAt !== null) this.queue.push({ at: lookAt, key });
    this.queue.sort(compare);
  }

  /** Adds a timer that was set in this batch. */
  add(at: number, key: string): void {
    const timer = { at, key };
    let low = 0;
    let high = this.queue.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (compare(this.queue[middle]!, timer) <= 0) low = middle + 1;
      else high = middle;
    }
    this.queue.splice(low, 0, timer);
  }

  /** Takes the next timer due at or before `time`; `unknown` when it may not be loaded. */
  next(time: number): Timer | 'unknown' | undefined {
    const [first] = this.queue;
    const { horizon } = this;
    if (horizon && (!first || compare(first, horizon) > 0) && horizon.at <= time) return 'unknown';
    if (!first || first.at > time) return undefined;
    return this.queue.shift();
  }
}

/** Keys compare by code unit, as JavaScript's `<` does and PostgreSQL's collation "C" for ASCII. */
function compare(a: Timer, b: Timer): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.key < b.key ? -1 : a.key > b.key ? 1 : 0;
}
