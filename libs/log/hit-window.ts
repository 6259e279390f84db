/**
 * The numbers a browser tab has used. Hits are resent until answered and a beacon can overtake a
 * fetch, so they come late, twice and out of order: a window of 32 numbers below the highest
 * remembers which came. What is older than the window counts as seen.
 */
export type HitWindow = readonly [highest: number, seen: number];

const WIDTH = 32;

/**
 * The window after this hit; undefined when the hit was seen before. With `mayBeLate` what is older
 * than the window is new.
 */
export function seeHit(
  window: HitWindow | undefined,
  hit: number,
  mayBeLate = false,
): HitWindow | undefined {
  if (!window) return [hit, 1];
  const [highest, seen] = window;
  if (hit > highest) {
    const shift = hit - highest;
    return [hit, shift >= WIDTH ? 1 : ((seen << shift) | 1) >>> 0];
  }
  const age = highest - hit;
  if (age >= WIDTH) return mayBeLate ? window : undefined;
  const bit = (1 << age) >>> 0;
  return (seen & bit) !== 0 ? undefined : [highest, (seen | bit) >>> 0];
}
