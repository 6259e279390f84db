/** What is to happen when, in virtual time; at the same moment in the order in which it was put down. */
export class Agenda {
  /** A binary heap. */
  readonly #entries: Entry[] = [];
  #count = 0;
  /** Virtual time, ms since 1970. */
  now: number;

  constructor(from: number) {
    this.now = from;
  }

  /** Does it at `at` (ms, rounded up), or now when that is past. Returns what calls it off. */
  at(at: number, act: () => void): () => void {
    const entry: Entry = { at: Math.max(Math.ceil(at), this.now), order: this.#count++, act };
    this.#push(entry);
    return () => void (entry.act = null);
  }

  /** Lets time pass, up to and including `until` (ms). */
  run(until: number): void {
    for (let [next] = this.#entries; next && next.at <= until; [next] = this.#entries) {
      this.#pop();
      this.now = next.at;
      next.act?.();
    }
    this.now = until;
  }

  #push(entry: Entry): void {
    const entries = this.#entries;
    let place = entries.push(entry) - 1;
    while (place > 0) {
      const parent = (place - 1) >> 1;
      if (isBefore(entries[parent]!, entry)) break;
      entries[place] = entries[parent]!;
      place = parent;
    }
    entries[place] = entry;
  }

  #pop(): void {
    const entries = this.#entries;
    const last = entries.pop()!;
    if (entries.length === 0) return;
    let place = 0;
    for (;;) {
      let child = 2 * place + 1;
      if (child >= entries.length) break;
      if (child + 1 < entries.length && isBefore(entries[child + 1]!, entries[child]!)) child += 1;
      if (isBefore(last, entries[child]!)) break;
      entries[place] = entries[child]!;
      place = child;
    }
    entries[place] = last;
  }
}

interface Entry {
  at: number;
  order: number;
  act: (() => void) | null;
}

function isBefore(a: Entry, b: Entry): boolean {
  return a.at < b.at || (a.at === b.at && a.order < b.order);
}
