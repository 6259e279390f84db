/** What a figure has to reach. A ratio is own / peer. */
export type Target =
  | { leastRatio: number }
  | { mostRatio: number }
  /** Of the ratio from 1, either way. */
  | { within: number }
  | { mostValue: number }
  /** Shown for comparison only. */
  | null;

export interface Figure {
  name: string;
  /** The file in bench/ that measures it. */
  bench: string;
  unit: string;
  peer: string;
  target: Target;
}

const figure = (
  name: string,
  bench: string,
  unit: string,
  peer: string,
  target: Target,
): Figure => ({
  name,
  bench,
  unit,
  peer,
  target,
});

/** Every figure, in the order of the table. */
export const figures: readonly Figure[] = [
  figure('read', 'read', 'events/s', 'kafkajs eachBatch + JSON.parse', { leastRatio: 0.8 }),
  figure('read-nest', 'read', 'events/s', "Nest's Kafka transport", { leastRatio: 4 }),
  figure('processor', 'processor', 'events/s', 'kafkajs eachBatch + JSON.parse', {
    leastRatio: 0.4,
  }),
  figure('processor-naive', 'processor', 'events/s', 'a save and a commit each', {
    leastRatio: 20,
  }),
  figure('append-single', 'append', 'events/s', 'kafkajs send for each', { leastRatio: 8 }),
  figure('append-batch', 'append', 'events/s', 'kafkajs send of batches', { leastRatio: 0.9 }),
  figure('collector', 'collector', 'requests/s', 'Fastify + kafkajs in batches', {
    leastRatio: 0.9,
  }),
  figure('collector-p99', 'collector', 'ms', 'Fastify + kafkajs in batches', null),
  figure('collector-bare', 'collector', 'requests/s', 'Fastify that only parses', {
    leastRatio: 0.7,
  }),
  figure('collector-bare-p99', 'collector', 'ms', 'Fastify that only parses', null),
  figure('loop-p50', 'loop', 'ms', 'a bare kafkajs relay', { mostRatio: 3 }),
  figure('loop-p99', 'loop', 'ms', 'a bare kafkajs relay', { mostRatio: 3 }),
  figure('wake-p99', 'loop', 'ms', 'loop-p99', null),
  figure('popup-p99', 'loop', 'ms', 'loop-p99', { mostValue: 1000 }),
  figure('growth-rate', 'growth', 'events/s', "another's first", { within: 0.15 }),
  figure('growth-memory', 'growth', 'MB', "another's first", { within: 0.15 }),
  figure('catch-up', 'versions', 'events/s', "the bench processor's side", { leastRatio: 0.8 }),
  figure('catch-up-v1', 'versions', 'events/s', 'v1 from the beginning', null),
  figure('beside-p99', 'versions', 'ms', 'v1 alone', { mostRatio: 1.5 }),
  figure('switch-p99', 'switching', 'ms', 'no version is touched', { mostRatio: 2 }),
];

export const benches: readonly string[] = [...new Set(figures.map(({ bench }) => bench))];

/** One line of results.json. */
export interface Result {
  name: string;
  value: number;
  unit: string;
  peer: string;
  peerValue: number;
  /** value / peerValue, as the median of the rounds. */
  ratio: number;
  rounds: number;
  /** (largest − smallest) / median of the rounds' ratios. */
  spread: number;
  /** ISO 8601. */
  at: string;
  machine: string;
}

/** Does the figure reach its target? One without a target always does. */
export function isMet(target: Target, { value, ratio }: Pick<Result, 'value' | 'ratio'>): boolean {
  if (target === null) return true;
  if ('leastRatio' in target) return ratio >= target.leastRatio;
  if ('mostRatio' in target) return ratio <= target.mostRatio;
  if ('mostValue' in target) return value <= target.mostValue;
  return Math.abs(ratio - 1) <= target.within;
}

/** The target as the table says it. */
export function targetText(target: Target, unit: string): string {
  if (target === null) return 'for comparison';
  if ('leastRatio' in target) return `≥ ${target.leastRatio} ×`;
  if ('mostRatio' in target) return `≤ ${target.mostRatio} ×`;
  if ('mostValue' in target) return `≤ ${target.mostValue} ${unit}`;
  return `± ${target.within * 100} %`;
}
