/** A figure with its 95 % interval and how many observations it is of. */
export interface Estimate {
  n: number;
  /** null: nothing was observed. */
  value: number | null;
  low: number | null;
  high: number | null;
}

/** Of the standard normal distribution: 95 % lie within ± so much. */
const Z = 1.96;
const nothing = { value: null, low: null, high: null };

/** A share of n trials, with Wilson's score interval (Wilson, JASA 22, 1927). */
export function share(hits: number, n: number): Estimate {
  if (n === 0) return { n, ...nothing };
  const p = hits / n;
  const centre = (p + Z ** 2 / (2 * n)) / (1 + Z ** 2 / n);
  const half = (Z / (1 + Z ** 2 / n)) * Math.sqrt((p * (1 - p)) / n + Z ** 2 / (4 * n ** 2));
  return { n, value: p, low: Math.max(0, centre - half), high: Math.min(1, centre + half) };
}

/** A mean, with the normal interval. */
export function mean(values: readonly number[]): Estimate {
  const n = values.length;
  if (n === 0) return { n, ...nothing };
  const value = values.reduce((sum, each) => sum + each, 0) / n;
  if (n === 1) return { n, value, low: null, high: null };
  const variance = values.reduce((sum, each) => sum + (each - value) ** 2, 0) / (n - 1);
  const half = Z * Math.sqrt(variance / n);
  return { n, value, low: value - half, high: value + half };
}

/** A median, with the interval between order statistics (Conover, Practical Nonparametric Statistics). */
export function median(values: readonly number[]): Estimate {
  const n = values.length;
  if (n === 0) return { n, ...nothing };
  const sorted = values.toSorted((a, b) => a - b);
  const half = (Z * Math.sqrt(n)) / 2;
  const at = (rank: number) => sorted[Math.min(n - 1, Math.max(0, rank))]!;
  const value = (at(Math.floor((n - 1) / 2)) + at(Math.ceil((n - 1) / 2))) / 2;
  return { n, value, low: at(Math.floor(n / 2 - half)), high: at(Math.ceil(n / 2 + half)) };
}

/**
 * The difference of two shares over the same n trials, second minus first, of those where only one of them
 * hit (the interval of McNemar's test).
 */
export function pairedDifference(onlyFirst: number, onlySecond: number, n: number): Estimate {
  if (n === 0) return { n, ...nothing };
  const value = (onlySecond - onlyFirst) / n;
  const half = (Z * Math.sqrt(onlyFirst + onlySecond - (onlySecond - onlyFirst) ** 2 / n)) / n;
  return { n, value, low: value - half, high: value + half };
}
