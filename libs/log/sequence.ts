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
  const match = /^(\d{1,16})\.(\d{1,9})$/.exec(text);
  return match ? [Number(match[1]), Number(match[2])] : undefined;
}
