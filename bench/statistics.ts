/** The middle of the sorted values; of an even number of them, the mean of the two in the middle. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new Error('There is no median of nothing.');
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** The smallest value that at least `share` (0 to 1) of the values do not exceed: nearest rank. */
export function percentile(values: readonly number[], share: number): number {
  if (values.length === 0) throw new Error('There is no percentile of nothing.');
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!;
}

/** How far the values lie apart, as a share of their median. */
export function spread(values: readonly number[]): number {
  return (Math.max(...values) - Math.min(...values)) / median(values);
}

/**
 * Own and peer, measured in turns. The ratio is the median of the rounds' own ratios: what slows a
 * machine down for a while slows down both sides of a round.
 */
export function compare(own: readonly number[], peer: readonly number[]) {
  if (own.length !== peer.length) throw new Error('A round has one value of each side.');
  const ratios = own.map((value, round) => value / peer[round]!);
  return {
    value: median(own),
    peerValue: median(peer),
    ratio: median(ratios),
    rounds: own.length,
    spread: spread(ratios),
  };
}
