import { compare, median, percentile, spread } from './statistics.ts';

test('the median does not ask for an order, and leaves the values as they are', () => {
  const values = [9, 1, 5];
  expect(median(values)).toBe(5);
  expect(values).toEqual([9, 1, 5]);
  expect(median([10, 2, 4, 8])).toBe(6);
  expect(() => median([])).toThrow('nothing');
});

test('a percentile is one of the values, by nearest rank', () => {
  const hundred = Array.from({ length: 100 }, (_, i) => 100 - i);
  expect(percentile(hundred, 0.99)).toBe(99);
  expect(percentile(hundred, 0.5)).toBe(50);
  expect(percentile(hundred, 1)).toBe(100);
  expect(percentile(hundred, 0)).toBe(1);
  expect(percentile([7], 0.99)).toBe(7);
  expect(() => percentile([], 0.5)).toThrow('nothing');
});

test('the spread is relative to the median', () => {
  expect(spread([90, 100, 110])).toBeCloseTo(0.2);
  expect(spread([3])).toBe(0);
});

test('the ratio is that of the rounds, not that of the medians', () => {
  const { value, peerValue, ratio, rounds } = compare([10, 40, 100], [10, 20, 200]);
  expect([value, peerValue, ratio, rounds]).toEqual([40, 20, 1, 3]);
  expect(() => compare([1], [1, 2])).toThrow('one value of each side');
});

test('a pause of the machine that hits a whole round changes neither ratio nor spread', () => {
  expect(compare([100, 10, 100], [50, 5, 50])).toMatchObject({ ratio: 2, spread: 0 });
});
