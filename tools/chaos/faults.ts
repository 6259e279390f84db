import { kills } from './faults/kills.ts';
import { lines } from './faults/lines.ts';
import { records } from './faults/records.ts';
import { surroundings } from './faults/surroundings.ts';
import type { World } from './world.ts';
import type { Scene } from './scene.ts';

/** A way to break the system. */
export interface Fault {
  /** As the table and `--faults` name it. */
  name: string;
  /** What this way is, for the table. */
  does: string;
  /** Why it cannot be had here; null when it can. */
  missing?(world: World): string | null;
  /** Settles everything that is left to chance, from this generator only. */
  draw(random: () => number): Strike;
}

/** One fault that is drawn: whom, how long. */
export interface Strike {
  /** `kill -9 ordering` */
  says: string;
  /** Does it, holds it, and takes it back. */
  strike(scene: Scene): Promise<Struck>;
}

export interface Struck {
  /** How much work was in flight where it struck. */
  hit: number;
  /** When it was taken back, from `performance.now()`: recovery counts from there. */
  liftedAt: number;
}

export const faults: readonly Fault[] = [...kills, ...lines, ...records, ...surroundings];
export const faultNames: readonly string[] = faults.map(({ name }) => name);

/** Faults in rounds, each round all of them in another order: the same for the same seed. */
export function* drawn(
  random: () => number,
  choice: readonly Fault[],
): Generator<{ fault: Fault; strike: Strike }, never> {
  for (;;) {
    for (const fault of shuffled(choice, random)) yield { fault, strike: fault.draw(random) };
  }
}

function shuffled<T>(list: readonly T[], random: () => number): T[] {
  const left = [...list];
  const order: T[] = [];
  while (left.length > 0) order.push(...left.splice(Math.floor(random() * left.length), 1));
  return order;
}
