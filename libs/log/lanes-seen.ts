import { laneOf } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { compareSequences } from './sequence.ts';
import type { Sequence } from './sequence.ts';

/** The last sequence a reader saw of each lane: what is not beyond it came before. */
export class LanesSeen {
  /** Lanes that moved since the start. */
  readonly moved = new Map<string, Sequence>();

  constructor(private readonly known: ReadonlyMap<string, Sequence>) {}

  has(record: IncomingRecord): boolean {
    const at = laneOf(record);
    if (!at) return false;
    const last = this.moved.get(at.lane) ?? this.known.get(at.lane);
    return last !== undefined && compareSequences(at.sequence, last) <= 0;
  }

  add(record: IncomingRecord): void {
    const at = laneOf(record);
    if (at) this.moved.set(at.lane, at.sequence);
  }

  all(): Map<string, Sequence> {
    return new Map([...this.known, ...this.moved]);
  }
}
