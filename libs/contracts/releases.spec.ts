import { firstPlacement, isInForce, Placement, releaseFor } from './releases.ts';
import type { Placements } from './releases.ts';

const visitors = Array.from({ length: 10_000 }, (_, i) => `visitor-${String(i).padStart(6, '0')}`);

function placed(percents: Record<string, number>, pins: Placement['pins'] = []): Placements {
  const shares = Object.entries(percents).map(([release, percent]) => ({ release, percent }));
  return { feedback: { application: 'feedback', shares, pins, by: 'test' } };
}

const on = (placements: Placements, release: string) =>
  visitors.filter((visitor) => releaseFor(placements, 'feedback', visitor) === release);

describe('the release of a visitor', () => {
  it('is the first until the log says otherwise', () => {
    expect(on({}, 'v1')).toEqual(visitors);
    expect(firstPlacement('feedback').shares).toEqual([{ release: 'v1', percent: 100 }]);
  });

  it.each([0, 10, 50, 100])('is the second for %i of a hundred', (percent) => {
    const share = on(placed({ v1: 100 - percent, v2: percent }), 'v2').length / visitors.length;
    expect(share).toBeGreaterThanOrEqual(percent / 100 - (percent % 100 === 0 ? 0 : 0.015));
    expect(share).toBeLessThanOrEqual(percent / 100 + (percent % 100 === 0 ? 0 : 0.015));
  });

  it('stays the same for whoever was on a release whose share grows', () => {
    const few = new Set(on(placed({ v1: 90, v2: 10 }), 'v2'));
    const more = new Set(on(placed({ v1: 70, v2: 30 }), 'v2'));
    expect([...few].filter((visitor) => !more.has(visitor))).toEqual([]);
  });

  it('is another draw for each application', () => {
    const shares = [
      { release: 'v1', percent: 50 },
      { release: 'v2', percent: 50 },
    ];
    const both: Placements = {
      feedback: { application: 'feedback', shares, pins: [], by: '' },
      recommendations: { application: 'recommendations', shares, pins: [], by: '' },
    };
    const alike = visitors.filter(
      (visitor) =>
        releaseFor(both, 'feedback', visitor) === releaseFor(both, 'recommendations', visitor),
    );
    expect(alike.length / visitors.length).toBeGreaterThan(0.45);
    expect(alike.length / visitors.length).toBeLessThan(0.55);
  });

  it('is the pinned one, whatever the shares say', () => {
    const [visitorId = ''] = visitors;
    const pinned = placed({ v1: 100, v2: 0 }, [{ visitorId, release: 'v2' }]);
    expect(on(pinned, 'v2')).toEqual([visitorId]);
  });

  it('is the first one for what the shares leave over', () => {
    expect(on(placed({ v2: 0, v1: 0 }), 'v2')).toEqual(visitors);
  });
});

it('refuses a release that is no v and a number', () => {
  const wrong = { ...firstPlacement('feedback'), shares: [{ release: 'new', percent: 100 }] };
  expect(Placement.safeParse(wrong).error?.issues[0]?.message).toBe(
    'must be v and a number, as in v2',
  );
});

it.each([
  ['has a share', { v1: 90, v2: 10 }, [], true],
  ['has a visitor', { v1: 100, v2: 0 }, [{ visitorId: visitors[0]!, release: 'v2' }], true],
  ['only runs', { v1: 100, v2: 0 }, [], false],
  ['does not run', { v1: 100 }, [], false],
])('a release that %s', (_, percents, pins, expected) => {
  expect(isInForce(placed(percents as Record<string, number>, pins).feedback!, 'v2')).toBe(
    expected,
  );
});
