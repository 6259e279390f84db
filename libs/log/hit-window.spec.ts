import { seeHit } from './hit-window.ts';
import type { HitWindow } from './hit-window.ts';
import { seeded } from '#testing/golden';

/** Which of these hits count, in this order. */
function counted(hits: readonly number[]): number[] {
  let window: HitWindow | undefined;
  return hits.filter((hit) => {
    const next = seeHit(window, hit);
    window = next ?? window;
    return next !== undefined;
  });
}

it('counts each hit once, in whatever order they come', () => {
  expect(counted([1, 2, 3])).toEqual([1, 2, 3]);
  expect(counted([1, 1, 2, 1, 2])).toEqual([1, 2]);
  expect(counted([3, 1, 2, 3, 1])).toEqual([3, 1, 2]);
});

it('remembers the 32 numbers up to the highest; what is older counts as seen', () => {
  expect(counted([40, 9, 8])).toEqual([40, 9]);
  expect(counted([1, 33, 1, 2])).toEqual([1, 33, 2]);
  expect(counted([1, 32, 1])).toEqual([1, 32]);
  expect(counted([31, 62, 31, 32])).toEqual([31, 62, 32]);
});

it('stays small and whole, so that it survives its JSON', () => {
  const window = seeHit(seeHit(undefined, 1), 32)!;
  expect(window).toEqual([32, 0x80000001]);
  expect(JSON.parse(JSON.stringify(window))).toEqual(window);
});

it('agrees with a set of all numbers, while nothing is late by 32 or more', () => {
  const random = seeded(5);
  const hits = Array.from({ length: 5000 }, (_, i) => 1 + Math.floor(i / 3 + random() * 31));
  const seen = new Set<number>();
  const first = hits.filter((hit) => !seen.has(hit) && seen.add(hit));
  expect(counted(hits)).toEqual(first);
});
