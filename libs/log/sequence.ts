/**
 * Place of an event in its lane. It only grows there, so a reader drops what is not beyond the
 * last one it saw. A processor's is (source offset, index); a counter's is (count, 0).
 */
export type Sequence = readonly [major: number, minor: number];

/** Negative, zero or positive, as for sorting. */
export function compareSequences(a: Sequence, b: Sequence): number {
  return a[0] - b[0] || a[1] - b[1];
}

/** `[12, 3]` is written `12.3`. */
export function formatSequence([major, minor]: Sequence): string {
  return `${major}.${minor}`;
}

/** The inverse of {@link formatSequence}; undefined when it is none. */
export function parseSequence(text: string): Sequence | undefined {
  const point = text.indexOf('.');
  const major = digits(text, 0, point, 16);
  const minor = digits(text, point + 1, text.length, 9);
  return point < 0 || major === undefined || minor === undefined ? undefined : [major, minor];
}

/**
 * The number that is written from `from` to before `to`, with one to `most` digits and nothing else;
 * otherwise undefined. Without a regular expression, as it is asked for with each record.
 */
export function digits(text: string, from: number, to: number, most: number): number | undefined {
  if (to <= from || to - from > most) return undefined;
  let number = 0;
  for (let i = from; i < to; i += 1) {
    const digit = text.charCodeAt(i) - 48;
    if (digit < 0 || digit > 9) return undefined;
    number = 10 * number + digit;
  }
  return number;
}
