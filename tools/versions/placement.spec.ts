import { firstPlacement } from '#contracts/releases';
import type { Placement } from '#contracts/releases';
import {
  lastOther,
  pin,
  promote,
  rollback,
  split,
  unpin,
  without,
  withRelease,
} from './placement.ts';

const first = firstPlacement('feedback');
const both = withRelease(first, 'v2');
const half = split(both, [
  { release: 'v2', percent: 50 },
  { release: 'v1', percent: 50 },
]);
const shares = ({ shares: all }: Placement) =>
  all.map(({ release, percent }) => `${release}=${percent}`).join(' ');

it('begins to run for nobody', () => {
  expect(shares(both)).toBe('v1=100 v2=0');
  expect(withRelease(both, 'v2')).toBe(both);
});

it('keeps the order of the versions in a split, so that as few visitors as can be move', () => {
  expect(shares(half)).toBe('v1=50 v2=50');
});

it('promotes for everybody, the pinned as well', () => {
  const pinned = pin(both, 'visitor-1', 'v1');
  expect(pinned.pins).toEqual([{ visitorId: 'visitor-1', release: 'v1' }]);
  expect(promote(pinned, 'v2')).toEqual({ ...both, shares: promote(both, 'v2').shares, pins: [] });
  expect(shares(promote(pinned, 'v2'))).toBe('v1=0 v2=100');
});

it('pins a visitor to one version, until they are unpinned', () => {
  const twice = pin(pin(both, 'visitor-1', 'v1'), 'visitor-1', 'v2');
  expect(twice.pins).toEqual([{ visitorId: 'visitor-1', release: 'v2' }]);
  expect(unpin(twice, 'visitor-1').pins).toEqual([]);
});

it('rolls back to what was before the last change', () => {
  const all = promote(half, 'v2');
  expect(shares(rollback('feedback', [both, half, all]))).toBe('v1=50 v2=50');
  expect(shares(rollback('feedback', [both, promote(both, 'v2')]))).toBe('v1=100 v2=0');
  expect(() => rollback('feedback', [both])).toThrow('Nothing about feedback has changed');
});

it('knows how much of the history a rollback needs', () => {
  const all = promote(both, 'v2');
  expect(lastOther([])).toBeUndefined();
  expect(lastOther([all])).toBeUndefined();
  expect(lastOther([both, half, all, all])).toBe(half);
  const back = rollback('feedback', [half, all, all]);
  expect(rollback('feedback', [both, half, all, all])).toEqual(back);
});

it('does not roll back to a version that does not run any more', () => {
  const onlyV2 = without(promote(both, 'v2'), 'v1');
  expect(shares(onlyV2)).toBe('v2=100');
  expect(() => rollback('feedback', [both, promote(both, 'v2'), onlyV2])).toThrow(
    'Nothing about feedback has changed that could be taken back.',
  );
});

it('refuses to retire a version while anyone is on it', () => {
  expect(() => without(half, 'v1')).toThrow(
    '50 % of the visitors are on feedback v1: promote another',
  );
  const pinned = pin(promote(both, 'v2'), 'visitor-1', 'v1');
  expect(() => without(pinned, 'v1')).toThrow(
    '1 visitors are pinned to feedback v1: unpin them first.',
  );
});

it('refuses a version that does not run', () => {
  const sentence = 'feedback v2 does not run: npm run versions -- start feedback v2 first.';
  expect(() => promote(first, 'v2')).toThrow(sentence);
  expect(() => pin(first, 'visitor-1', 'v2')).toThrow(sentence);
  expect(() => split(first, [{ release: 'v2', percent: 100 }])).toThrow(sentence);
});
