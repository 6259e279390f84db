import { bytesToFetch, bytesToKeep } from './memory.ts';

const MB = 1024 * 1024;

it('fetches less at once the more groups share the process, within limits', () => {
  expect(bytesToFetch(0)).toBe(bytesToFetch(1));
  const bytes = [1, 8, 64, 10_000].map(bytesToFetch);
  expect(bytes).toEqual(bytes.toSorted((a, b) => b - a));
  expect(bytes[0]).toBeLessThanOrEqual(4 * MB);
  expect(bytes.at(-1)).toBe(MB / 2);
});

it('keeps half as much for each of twice as many processors', () => {
  expect(bytesToKeep(0)).toBe(bytesToKeep(1));
  expect(bytesToKeep(4)).toBe(bytesToKeep(2) / 2);
});
