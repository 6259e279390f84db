import { hash } from 'node:crypto';

/** Chance that can be repeated: the same seed throws the same numbers, whatever else is thrown. */
export class Dice {
  readonly #seed: string;
  #thrown = 0;

  constructor(...seed: (string | number)[]) {
    this.#seed = seed.join('/');
  }

  /** Evenly spread over [0, 1). */
  share(): number {
    const digits = hash('sha256', `${this.#seed}#${this.#thrown++}`).slice(0, 8);
    return Number.parseInt(digits, 16) / 2 ** 32;
  }

  chance(probability: number): boolean {
    return this.share() < probability;
  }

  /** Evenly spread over [least, most). */
  within(least: number, most: number): number {
    return least + this.share() * (most - least);
  }

  /** A whole number from `least` to `most`, both included. */
  between(least: number, most: number): number {
    return least + Math.floor(this.share() * (most - least + 1));
  }

  pick<T>(from: readonly T[]): T {
    if (from.length === 0) throw new RangeError('There is nothing to pick from.');
    return from[this.between(0, from.length - 1)]!;
  }

  /** One of the keys, each as often as its weight says. */
  weighted<T extends string>(weights: Readonly<Record<T, number>>): T {
    const entries = Object.entries(weights) as [T, number][];
    let left = this.share() * entries.reduce((sum, [, weight]) => sum + weight, 0);
    return (entries.find(([, weight]) => (left -= weight) < 0) ?? entries.at(-1)!)[0];
  }

  /** Up to `count` different ones, in thrown order. */
  some<T>(from: readonly T[], count: number): T[] {
    const rest = [...from];
    const taken: T[] = [];
    while (taken.length < count && rest.length > 0) {
      taken.push(...rest.splice(this.between(0, rest.length - 1), 1));
    }
    return taken;
  }

  /** Think-time, ms: five seconds on average, now and then a glance, at most 13 s. */
  thinkMs(): number {
    return Math.round(1_000 + Math.min(this.gap() * 4_000, 12_000));
  }

  /** The wait for the next of many who come independently; 1 on average. */
  gap(): number {
    return -Math.log(1 - this.share());
  }
}
