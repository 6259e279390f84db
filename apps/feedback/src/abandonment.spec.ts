import type { NewEvent } from '#contracts/contract';
import {
  CartCheckedOut,
  CartViewed,
  CheckoutStarted,
  CouponOffered,
  CouponRedeemed,
  CouponReturned,
  ExitIntended,
  ItemAddedToCart,
  ItemRemovedFromCart,
  ModelPromoted,
  OfferExpired,
  OfferWithheld,
  PageViewed,
  ProductViewed,
  visitors,
} from '#contracts/visitors';
import { expectGolden, replay, seeded } from '#testing/golden';
import type { Timed } from '#testing/golden';
import { SCENARIO_START, scenario } from '#testing/scenario';
import { abandonment } from './v1.ts';
import { couponCode, isInControlGroup } from './policy.ts';
import { CART_LIMIT } from './visit.ts';

const visitorId = 'visitor-0001';
const sku = 'TENT-1';
const orderId = 'order-0001';
const minute = 60_000;

/** Crosses 0.5 after 15 s, at once on leaving, and after 40 s in the checkout. */
const model = ModelPromoted({
  model: 'test',
  intercept: -3,
  coefficients: { idleSeconds: 0.2, exitIntent: 4, checkoutStarted: -5 },
  threshold: 0.5,
  offer: { percent: 10, validForMs: 15 * minute },
});

let hits = 0;
function hit(visitor = visitorId) {
  hits += 1;
  return { visitorId: visitor, sessionId: 's', tab: 'tab', hit: hits, site: 'shop', url: '/' };
}

function added(changes: { visitorId?: string; sku?: string; optedOut?: boolean } = {}): NewEvent {
  const unitPrice = { cents: 2050, currency: 'EUR' as const };
  return ItemAddedToCart({ visitorId, sku, quantity: 2, unitPrice, ...changes });
}

const features = {
  itemsInCart: 2,
  cartValue: 41,
  productViews: 0,
  idleSeconds: 0,
  cartReturns: 0,
  exitIntent: 0,
  checkoutStarted: 0,
};

/** The offer made so many ms after the beginning. */
function offer(afterMs: number, decided: { score: number; features: object }) {
  const at = SCENARIO_START + afterMs;
  return CouponOffered({
    visitorId,
    code: couponCode(visitorId, at, 10),
    percent: 10,
    expiresAt: at + 15 * minute,
    model: 'test',
    score: decided.score,
    features: { ...features, ...decided.features },
  });
}

const onLeaving = { score: 0.7311, features: { exitIntent: 1 } };
const leavingOffer = offer(0, onLeaving);
const { code } = leavingOffer.data;

function leaving() {
  return scenario(abandonment).given(model, added()).when(ExitIntended(hit())).expect(leavingOffer);
}

describe('who hesitates', () => {
  const hesitating = () => scenario(abandonment).given(model, added());
  const onHesitating = { score: 0.5, features: { idleSeconds: 15 } };

  it('is offered a coupon at the second that carries the score over the threshold', () => {
    hesitating().after(14_999).expect().after(1).expect(offer(15_000, onHesitating));
  });

  it('is asked at that second even when the log is read later', () => {
    hesitating()
      .after(10 * minute)
      .expect(offer(15_000, onHesitating));
  });

  it('starts to wait anew with every action', () => {
    const decided = { score: 0.5, features: { idleSeconds: 15, productViews: 1 } };
    hesitating()
      .after(10_000)
      .when(ProductViewed({ ...hit(), sku }))
      .after(14_999)
      .expect()
      .after(1)
      .expect(offer(25_000, decided));
  });

  it('has longer in the checkout, until back among the products', () => {
    hesitating().when(CheckoutStarted(hit())).after(39_000).expect();
    const decided = { score: 0.5, features: { idleSeconds: 15, cartReturns: 0 } };
    hesitating()
      .when(CheckoutStarted(hit()), CartViewed(hit()))
      .after(15_000)
      .expect(offer(15_000, decided));
  });

  it('is judged by the model in force at that moment', () => {
    const patient = ModelPromoted({ ...model.data, model: 'patient', intercept: -5 });
    hesitating().when(patient).after(24_000).expect();
  });
});

describe('who is about to leave', () => {
  it('is offered a coupon at once', () => {
    scenario(abandonment).given(model, added()).when(ExitIntended(hit())).expect(leavingOffer);
  });

  it('has hesitated until then', () => {
    const decided = { score: 0.9526, features: { exitIntent: 1, idleSeconds: 10 } };
    scenario(abandonment)
      .given(model, added())
      .after(10_500)
      .when(ExitIntended(hit()))
      .expect(offer(10_500, decided));
  });

  it('is not thought to leave any more after the next action', () => {
    scenario(abandonment).given(model).when(ExitIntended(hit()), added()).expect();
  });

  it.each([
    ['with nothing in the cart', [PageViewed(hit())]],
    ['with everything taken out again', [added(), ItemRemovedFromCart(added().data as never)]],
    ['under Global Privacy Control', [added({ optedOut: true })]],
    ['from the checkout', [added(), CheckoutStarted(hit())]],
    [
      'with an order',
      [
        added(),
        CartCheckedOut({ visitorId, orderId, skus: [sku], total: { cents: 1, currency: 'EUR' } }),
      ],
    ],
  ])('is offered nothing %s', (_, before) => {
    const next = { ...hit(), hit: hits + 10 };
    scenario(abandonment)
      .given(model, ...before)
      .when(ExitIntended(next))
      .expect();
  });

  it('is offered nothing as long as there is no model', () => {
    scenario(abandonment).given(added()).when(ExitIntended(hit())).after(minute).expect();
  });
});

describe('one offer a visit', () => {
  it('is not asked for twice before it is read back', () => {
    leaving().when(PageViewed(hit()), ExitIntended(hit())).after(minute).expect();
  });

  it('is not followed by another once it is read back, used or run out', () => {
    const redeemed = CouponRedeemed({ visitorId, code, orderId });
    leaving().when(leavingOffer, redeemed, added(), ExitIntended(hit())).expect();
    leaving()
      .when(leavingOffer)
      .after(15 * minute)
      .expect(OfferExpired({ visitorId, code }))
      .when(ExitIntended(hit()))
      .expect();
  });

  it('counts as offered when the log says so, whoever asked', () => {
    scenario(abandonment).given(model, added(), leavingOffer).when(ExitIntended(hit())).expect();
  });

  it('can be made again in the next visit', () => {
    leaving()
      .when(leavingOffer)
      .after(31 * minute)
      .expect(OfferExpired({ visitorId, code }))
      .when(added(), ExitIntended(hit()))
      .expect(offer(31 * minute, onLeaving));
  });

  it('is held back, and said so once, in the control group', () => {
    const member = Array.from({ length: 99 }, (_, i) => `visitor-1${i}`).find(isInControlGroup)!;
    const withheld = OfferWithheld({
      visitorId: member,
      reason: 'control group',
      model: 'test',
      score: 0.7311,
      features: { ...features, exitIntent: 1 },
    });
    scenario(abandonment)
      .given(model, added({ visitorId: member }))
      .when(ExitIntended(hit(member)), ExitIntended(hit(member)))
      .expect(withheld)
      .when(withheld, ExitIntended(hit(member)))
      .after(minute)
      .expect();
  });
});

describe('a coupon', () => {
  it('runs out unused', () => {
    leaving()
      .when(leavingOffer)
      .after(15 * minute - 1)
      .expect()
      .after(1)
      .expect(OfferExpired({ visitorId, code }));
  });

  it('does not run out when it was used, and does when the order gave it back', () => {
    const redeemed = CouponRedeemed({ visitorId, code, orderId });
    leaving()
      .when(leavingOffer, redeemed)
      .after(60 * minute)
      .expect();
    leaving()
      .when(leavingOffer, redeemed, CouponReturned({ visitorId, code, orderId }))
      .after(15 * minute)
      .expect(OfferExpired({ visitorId, code }));
  });

  it('outlives the visit while it is valid, without its cart', () => {
    const long = CouponOffered({
      ...leavingOffer.data,
      expiresAt: SCENARIO_START + 60 * minute,
    });
    const kept = leaving()
      .when(long)
      .after(30 * minute);
    const { cart, offer: open } = kept.state(visitorId)!;
    expect(cart).toEqual({});
    expect(open).toMatchObject({ code, open: true });
    kept
      .after(30 * minute)
      .expect(OfferExpired({ visitorId, code }))
      .expectState(visitorId, null);
  });
});

describe('a visit', () => {
  it('is forgotten after 30 silent minutes, and not before', () => {
    const visit = scenario(abandonment)
      .given(model, PageViewed(hit()))
      .after(29 * minute);
    visit.when(ExitIntended(hit())).after(30 * minute - 1);
    expect(visit.state(visitorId)).not.toBeNull();
    visit.after(1).expectState(visitorId, null).expect();
  });

  it('counts a hit that was sent again once', () => {
    const view = ProductViewed({ ...hit(), sku });
    const state = scenario(abandonment).when(view, view).state(visitorId);
    expect(state).toMatchObject({ productViews: 1 });
  });

  it('follows no more than the limit, and its counters stop at their caps', () => {
    const many = Array.from({ length: CART_LIMIT + 20 }, (_, i) => i);
    const state = scenario(abandonment)
      .when(...many.map((i) => added({ sku: `SKU-${i}` })))
      .when(...many.map(() => ProductViewed({ ...hit(), sku })))
      .when(...many.map(() => CartViewed(hit())))
      .state(visitorId)!;
    expect(Object.keys(state.cart)).toHaveLength(CART_LIMIT);
    expect(state).toMatchObject({ productViews: 50, cartViews: 11 });
  });
});

describe('the golden history', () => {
  it('has every kind of answer in it', () => {
    const types = replay(abandonment, history()).outputs.map(({ type }) => type);
    expect(new Set(types)).toEqual(new Set([...abandonment.appends].map(({ type }) => type)));
  });

  it('gives the committed result', () => {
    expectGolden(abandonment, history(), {
      version: 1,
      digest: 'c3ef51542f3672856ce145092eb176e4ce332b4343dc72f8da7d3c2685f29bf6',
    });
  });
});

/** A day of 40 shoppers who browse, fill carts, hesitate, leave and buy; offers come back late. */
function history(): Timed[] {
  const random = seeded(7);
  const timed: Timed[] = [{ event: model, at: SCENARIO_START }];
  let at = SCENARIO_START;
  const lastHit = new Map<string, number>();
  for (let i = 0; i < 1500; i += 1) {
    at += Math.floor(random() ** 4 * 60_000);
    const visitor = `shopper-${String(Math.floor(random() * 40)).padStart(4, '0')}`;
    const number = (lastHit.get(visitor) ?? 0) + 1;
    lastHit.set(visitor, number);
    const event = step(Math.floor(random() * 12), { ...hit(visitor), hit: number }, at);
    timed.push({ event, at });
  }
  timed.push({ event: visitors.events.get('TimePassed')!({} as never), at: at + 10 * minute });
  return timed;
}

function step(what: number, fields: ReturnType<typeof hit>, at: number): NewEvent {
  const shopper = { visitorId: fields.visitorId };
  const optedOut = fields.visitorId.endsWith('7');
  const price = { cents: 500 + (at % 5000), currency: 'EUR' as const };
  const line = { ...shopper, optedOut, sku: `SKU-${at % 5}`, quantity: 1, unitPrice: price };
  const usedCode = couponCode(fields.visitorId, SCENARIO_START, 10);
  switch (what) {
    case 0:
      return PageViewed(fields);
    case 1:
      return ProductViewed({ ...fields, sku: 'SKU-1' });
    case 2:
      return CartViewed(fields);
    case 3:
      return CheckoutStarted(fields);
    case 4:
      return ExitIntended(fields);
    case 5:
      return ItemRemovedFromCart(line);
    case 6:
      return CartCheckedOut({ ...shopper, optedOut, orderId, skus: ['SKU-1'], total: price });
    case 7:
      return CouponOffered({
        ...leavingOffer.data,
        ...shopper,
        code: usedCode,
        expiresAt: at + 5 * minute,
      });
    case 8:
      return CouponRedeemed({ ...shopper, code: usedCode, orderId });
    default:
      return ItemAddedToCart(line);
  }
}
