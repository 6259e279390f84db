import { compareSequences, formatSequence, parseSequence } from './sequence.ts';
import type { Sequence } from './sequence.ts';

it('is ordered by offset, then by index, as numbers', () => {
  const sorted: Sequence[] = [
    [2, 0],
    [2, 9],
    [2, 10],
    [10, 0],
    [10, 1],
  ];
  expect(sorted.toReversed().toSorted(compareSequences)).toEqual(sorted);
  expect(compareSequences([7, 1], [7, 1])).toBe(0);
});

it('is read as it was written', () => {
  const sequence = [9_007_199_254_740, 12] as const;
  expect(parseSequence(formatSequence(sequence))).toEqual(sequence);
});

it.each(['', '1', '1.', '.1', '-1.0', '1.2.3', '1.0 ', 'a.b', `1.${'9'.repeat(10)}`])(
  'is not %j',
  (text) => {
    expect(parseSequence(text)).toBeUndefined();
  },
);
