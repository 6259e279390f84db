import { services } from '../../../manifest.ts';

/** Services that can be struck; the driver stands for the simulator. */
export const victims = services.map(({ name }) => name).filter((name) => name !== 'simulator');
/** Those that keep what they know in a database of their own. */
export const readers = services.filter(({ database }) => database).map(({ name }) => name);

export function pick<T>(list: readonly T[], random: () => number): T {
  return list[Math.floor(random() * list.length)]!;
}

/** A whole number from `least` to `most`. */
export function between(least: number, most: number, random: () => number): number {
  return least + Math.floor(random() * (most - least + 1));
}

export const seconds = (ms: number) => `${(ms / 1000).toFixed(1)} s`;
