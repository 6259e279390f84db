import type { InLane } from './envelope.ts';
import { compareSequences } from './sequence.ts';
import type { Sequence } from './sequence.ts';

/** The last sequence a reader saw of each lane: what is not beyond it came before. */
export class LanesSeen {
  /** Lanes that moved since the start. */
  readonly moved = new Map<string, Sequence>();

  constructor(private readonly known: ReadonlyMap<string, Sequence>) {}

  has(at: InLane | undefined): boolean {
    if (!at) return false;
    const last = this.moved.get(at.lane) ?? this.known.get(at.lane);
    return last !== undefined && compareSequences(at.sequence, last) <= 0;
  }

  add(at: InLane | undefined): void {
    if (at) this.moved.set(at.lane, at.sequence);
  }

  all(): Map<string, Sequence> {
    return new Map([...this.known, ...this.moved]);
  }
}
