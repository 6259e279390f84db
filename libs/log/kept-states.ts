import type { Cause } from './envelope.ts';
import type { HitWindow } from './hit-window.ts';

/** What is known of a key, decoded. A fold changes it; who fails afterwards forgets all of them. */
export interface KeptState {
  /** Null when only hit windows are known. */
  state: unknown;
  /** Log time, ms, at which it is to be woken. */
  wakeAt: number | null;
  /**
   * Log time, ms, at which its timer is looked at; never after `wakeAt`. The database finds timers by it.
   * While a timer only moves later it stays, and a look finds that it is not due yet: an index entry that
   * moves with each event cost more than the event (docs/decisions/0022).
   */
  lookAt: number | null;
  /** By tab, used last last. */
  hits: Map<string, HitWindow> | null;
  cause: Cause | null;
}

/** Decoded, a state takes about so many times the bytes of its text, and so many for itself. */
const EXPANSION = 4;
const OVERHEAD_BYTES = 300;

/**
 * States of one partition as its owner committed them last, so that the next batch need not read
 * them again. True as long as the epoch is: each transaction locks the position row and compares
 * it, and whoever else would write these rows has raised it before.
 */
export class KeptStates {
  private readonly states = new Map<string, { kept: KeptState; bytes: number }>();
  private bytes = 0;
  private lastShared: { text: string; value: unknown } | null = null;

  /** `limitBytes`: roughly what it may take of the heap. */
  constructor(private readonly limitBytes: number) {}

  has(key: string): boolean {
    return this.states.has(key);
  }

  get(key: string): KeptState | undefined {
    return this.states.get(key)?.kept;
  }

  /** After the commit: `textLength` is the length of what was written. */
  set(key: string, kept: KeptState, textLength: number): void {
    this.delete(key); // So that what was written last is last in the map.
    const bytes = OVERHEAD_BYTES + EXPANSION * textLength;
    this.states.set(key, { kept, bytes });
    this.bytes += bytes;
    if (this.bytes > this.limitBytes) this.forgetOldest();
  }

  delete(key: string): void {
    this.bytes -= this.states.get(key)?.bytes ?? 0;
    this.states.delete(key);
  }

  /** What everybody on the partition knows, parsed when its text is another one than before. */
  shared(text: string, parse: () => unknown): unknown {
    if (this.lastShared?.text !== text) this.lastShared = { text, value: parse() };
    return this.lastShared.value;
  }

  /** What was under way failed: a fold may have touched what it was given. */
  clear(): void {
    this.states.clear();
    this.lastShared = null;
    this.bytes = 0;
  }

  private forgetOldest(): void {
    for (const key of this.states.keys()) {
      if (this.bytes <= this.limitBytes) return;
      this.delete(key);
    }
  }
}
