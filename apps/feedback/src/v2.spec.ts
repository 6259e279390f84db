import type { NewEvent } from '#contracts/contract';
import {
  CartViewed,
  CouponOffered,
  ExitIntended,
  ItemAddedToCart,
  ItemRemovedFromCart,
  ModelPromoted,
  OfferWithheld,
  ReleaseChanged,
} from '#contracts/visitors';
import { expectGolden, seeded } from '#testing/golden';
import { SCENARIO_START, scenario } from '#testing/scenario';
import { abandonmentV2 } from './v2.ts';

const visitorId = 'visitor-0001';
const second = 1000;

/** The first release offers after 20 s; this one, with less to reach, after 15 s. */
const model = ModelPromoted({
  model: 'test',
  intercept: -3,
  coefficients: { idleSeconds: 0.15, exitIntent: 4 },
  threshold: 0.5,
  offer: { percent: 10, validForMs: 900_000 },
});
const everybody = ReleaseChanged({
  application: 'feedback',
  shares: [{ release: 'v2', percent: 100 }],
  pins: [],
  by: 'test',
});

let hits = 0;
function hit(visitor = visitorId) {
  hits += 1;
  return { visitorId: visitor, sessionId: 's', tab: 'tab', hit: hits, site: 'shop', url: '/' };
}
const unitPrice = { cents: 2050, currency: 'EUR' as const };
const added = () => ItemAddedToCart({ visitorId, sku: 'TENT-1', quantity: 2, unitPrice });
const removed = () => ItemRemovedFromCart({ visitorId, sku: 'TENT-1', quantity: 1, unitPrice });

const cart = () => scenario(abandonmentV2).given(model, everybody, added());
const types = (events: { type: string; data: any }[]) =>
  events.map(({ type, data }) => `${type} ${data.reason ?? ''}`.trim());

describe('the second release of cart abandonment', () => {
  it('offers sooner than the model says, and says which release it is', () => {
    const [offer] = cart()
      .after(16 * second)
      .after(2 * second)
      .appended();
    expect(offer).toMatchObject({
      type: 'CouponOffered',
      data: { release: 'v2', model: 'test, v2' },
    });
    expect((offer!.data as any).features.idleSeconds).toBe(15);
  });

  it('sees who takes things out again as closer to leaving', () => {
    const once = cart().given(removed());
    expect(once.after(10 * second).appended()).toEqual([]);
    expect(types(once.after(second).appended())).toEqual(['CouponOffered']);
    expect(once.appended()[0]!.data).toMatchObject({ features: { removals: 1, idleSeconds: 11 } });
  });

  it('waits longer for who reads slowly', () => {
    const slow = cart();
    for (let i = 0; i < 4; i += 1) {
      slow.after(12 * second).given(CartViewed(hit()));
    }
    expect(slow.after(15 * second).appended()).toEqual([]);
    const [offer] = slow.after(second).appended();
    expect(offer).toMatchObject({ type: 'CouponOffered', data: { features: { pace: 12 } } });
  });

  it('decides once in a visit, also when the visit has been answered', () => {
    const answered = cart().given(
      ReleaseChanged({ ...(everybody.data as any), shares: [{ release: 'v1', percent: 100 }] }),
      offerOfFirst(),
    );
    expect(types(answered.when(ExitIntended(hit())).appended())).toEqual([
      'OfferWithheld already answered',
    ]);
    expect(types(answered.after(60 * second).appended())).toHaveLength(1);
  });

  it('gives the committed result for the golden history', () => {
    expectGolden(abandonmentV2, history(), {
      version: 1,
      digest: 'a2f16af7532da4f79452253d943eafecd3591a821a15433d4f16fa859f52cfc9',
    });
  });
});

function offerOfFirst(): NewEvent {
  const decided = { features: {}, score: 1, model: 'test' };
  const expiresAt = SCENARIO_START + 900_000;
  return CouponOffered({ visitorId, code: 'STAY10-AAAAAAAA', percent: 10, expiresAt, ...decided });
}

function history() {
  const random = seeded(5);
  const upTo = (below: number) => Math.floor(random() * below);
  let at = SCENARIO_START;
  const makers: ((visitor: string) => NewEvent)[] = [
    (visitor) => CartViewed(hit(visitor)),
    (visitor) => ExitIntended(hit(visitor)),
    (visitor) =>
      ItemAddedToCart({ visitorId: visitor, sku: `SKU-${upTo(9)}`, quantity: 1, unitPrice }),
    (visitor) =>
      ItemRemovedFromCart({ visitorId: visitor, sku: `SKU-${upTo(9)}`, quantity: 1, unitPrice }),
    (visitor) =>
      OfferWithheld({
        ...{ visitorId: visitor, reason: 'control group', release: `v${upTo(2) + 1}` },
        ...{ features: {}, score: 1, model: 'test' },
      }),
    () => model,
    () =>
      ReleaseChanged({
        ...{ application: 'feedback', pins: [], by: 'test' },
        shares: [
          { release: 'v1', percent: upTo(101) },
          { release: 'v2', percent: 0 },
        ],
      }),
  ];
  hits = 0;
  return Array.from({ length: 1500 }, () => {
    at += upTo(20_000);
    return { event: makers[upTo(makers.length)]!(`visitor-000${upTo(9)}`), at };
  });
}
