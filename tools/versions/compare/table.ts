import { table } from '../../start/progress.ts';
import type { Estimate } from './interval.ts';

/** One figure of a comparison. */
export interface Row {
  figure: string;
  /** `%`: the values are shares from 0 to 1. */
  unit: '%' | 's';
  /** Of each release, in the order of the comparison. */
  of: readonly Estimate[];
  /** Of both together. */
  between?: Estimate;
  /** The second release's minus the first's. */
  difference?: Estimate;
}

/** The comparison for people: value, 95 % interval and n of each. */
export function comparisonTable(releases: readonly [string, string], rows: readonly Row[]): string {
  const cells = rows.map(({ figure, unit, of, between, difference }) => [
    figure,
    ...(between ? [shown(between, unit), ''] : of.map((each) => shown(each, unit))),
    difference ? `${difference.value! > 0 ? '+' : ''}${shown(difference, unit)}` : '',
  ]);
  return table([['', ...releases, 'difference'], ...cells]);
}

function shown({ n, value, low, high }: Estimate, unit: Row['unit']): string {
  if (value === null) return 'nothing seen yet';
  const number = (each: number) => (unit === '%' ? (each * 100).toFixed(1) : each.toFixed(1));
  const interval = low === null || high === null ? '' : ` (${number(low)} to ${number(high)})`;
  return `${number(value)} ${unit}${interval}, n ${n}`;
}
