import { z } from 'zod';
import type { NewEvent } from '#contracts/contract';
import { CartViewed, CouponOffered, ModelPromoted, ReleaseChanged } from '#contracts/visitors';
import { replay } from '#testing/golden';
import { SCENARIO_START } from '#testing/scenario';
import { processor } from './processor.ts';
import { released } from './released.ts';

/** Counts the offers that count, and offers something whenever the cart is viewed. */
const offering = (release: string) =>
  released(
    processor({
      name: `feedback.test.${release}`,
      reads: [CartViewed, CouponOffered, ModelPromoted],
      appends: [CouponOffered],
      state: z.object({ offers: z.int(), model: z.string().nullable() }),
      initial: { offers: 0, model: null },
      shared: z.object({ name: z.string() }),
      share: (known, event) =>
        event.type === ModelPromoted.type ? { name: event.data.model } : known!,
      on(state, event, known) {
        const model = known?.name ?? null;
        if (event.type === CartViewed.type) {
          return { state: { ...state, model }, append: [offer(release)] };
        }
        return { state: { ...state, model, offers: state.offers + 1 } };
      },
    }),
    { application: 'feedback', release },
  );

const visitorId = 'visitor-0001';
function offer(release: string | undefined): NewEvent {
  const decided = { features: {}, score: 1, model: 'test' };
  const coupon = { visitorId, code: 'STAY10-AAAAAAAA', percent: 10, expiresAt: 1 };
  return CouponOffered({ ...coupon, ...decided, ...(release !== undefined && { release }) });
}
let hits = 0;
const viewed = () => {
  hits += 1;
  return CartViewed({ visitorId, sessionId: 's', tab: 't', hit: hits, site: 's', url: '/' });
};
const inForce = (release: string) =>
  ReleaseChanged({
    application: 'feedback',
    shares: [{ release, percent: 100 }],
    pins: [],
    by: 'test',
  });

function run(release: string, ...events: NewEvent[]) {
  const history = events.map((event, i) => ({ event, at: SCENARIO_START + i }));
  const { rows, outputs } = replay(offering(release), history);
  expect(replay(offering(release), history, 100)).toEqual({ rows, outputs });
  const state = rows.get(visitorId)?.state ?? null;
  return {
    topics: outputs.map(({ topic }) => topic),
    state: state === null ? null : JSON.parse(state),
  };
}

describe('a release', () => {
  it('appends to the shared topic while it is in force, else to its shadow', () => {
    const events = [viewed(), inForce('v2'), viewed(), inForce('v1'), viewed()];
    const shadowOf = (release: string) => `visitors.feedback-${release}`;
    expect(run('v1', ...events).topics).toEqual(['visitors', shadowOf('v1'), 'visitors']);
    expect(run('v2', ...events).topics).toEqual([shadowOf('v2'), 'visitors', shadowOf('v2')]);
  });

  it('passes over what another has appended that lands when it is not in force any more', () => {
    expect(run('v2', offer('v1'), offer(undefined)).state).toMatchObject({ offers: 2 });
    expect(run('v2', inForce('v2'), offer('v1'), offer(undefined)).state).toBeNull();
    expect(run('v2', inForce('v2'), offer('v2')).state).toMatchObject({ offers: 1 });
    expect(run('v1', inForce('v2'), offer('v2'), inForce('v1'), offer('v2')).state).toMatchObject({
      offers: 1,
    });
  });

  it('knows what it shares itself beside who is on which release', () => {
    const promoted = ModelPromoted({
      model: 'first',
      intercept: 0,
      coefficients: {},
      threshold: 1,
      offer: { percent: 10, validForMs: 1 },
    });
    expect(run('v1', inForce('v1'), promoted, inForce('v1'), viewed()).state).toMatchObject({
      model: 'first',
    });
  });

  it('minds what is said of its own application only', () => {
    const other = ReleaseChanged({
      application: 'recommendations',
      shares: [{ release: 'v2', percent: 100 }],
      pins: [],
      by: 'test',
    });
    expect(run('v1', other, viewed()).topics).toEqual(['visitors']);
  });

  it('may append to its shadow what it may append', () => {
    const names = [...offering('v2').appends].map(({ type, topic }) => `${topic.name} ${type}`);
    expect(names).toEqual(['visitors CouponOffered', 'visitors.feedback-v2 CouponOffered']);
  });
});
