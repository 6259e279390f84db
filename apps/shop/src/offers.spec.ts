import {
  CartCheckedOut,
  CouponOffered,
  CouponRedeemed,
  CouponReturned,
  OfferDismissed,
  OfferExpired,
  OfferShown,
} from '#contracts/visitors';
import { scenario } from '#testing/scenario';
import { offers } from './offers.ts';
import type { Offer } from './offers.ts';

const visitorId = 'visitor-1';
const code = 'STAY10-ABCD';
const orderId = 'order-0001';
const decided = { features: {}, score: 0.8, model: 'first' };
const offered = CouponOffered({ visitorId, code, percent: 10, expiresAt: 5000, ...decided });
let lastHit = 0;
const hit = () => {
  lastHit += 1;
  return { visitorId, sessionId: 's', tab: 't', hit: lastHit, site: 'shop', url: '/', code };
};
const who = { visitorId, optedOut: false, code };
const checkedOut = CartCheckedOut({
  visitorId,
  orderId,
  skus: ['MUG'],
  total: { cents: 100, currency: 'EUR' },
});
const redeemed = CouponRedeemed({ ...who, orderId });
const view = (changes: Partial<Offer> = {}): Offer => ({
  code,
  percent: 10,
  expiresAt: 5000,
  status: 'offered',
  returnedBy: [],
  ...changes,
});

it('keeps the last coupon', () => {
  const second = CouponOffered({ ...offered.data, code: 'STAY20-ABCD', percent: 20 });
  scenario(offers)
    .given(offered, OfferDismissed(hit()))
    .when(second)
    .expectState(visitorId, view({ code: 'STAY20-ABCD', percent: 20 }));
});

it('follows what the browser says', () => {
  scenario(offers)
    .given(offered)
    .when(OfferShown(hit()))
    .expectState(visitorId, view({ status: 'shown' }))
    .when(OfferDismissed(hit()))
    .expectState(visitorId, view({ status: 'dismissed' }))
    .when(OfferShown(hit()))
    .expectState(visitorId, view({ status: 'dismissed' }));
});

it('passes over what is said of another coupon, or of none', () => {
  scenario(offers)
    .when(OfferShown(hit()), redeemed, checkedOut)
    .expectState(visitorId, null)
    .given(offered)
    .when(OfferDismissed({ ...hit(), code: 'OTHER-CODE' }))
    .expectState(visitorId, view());
});

it('ends with its time, or with a checkout', () => {
  scenario(offers)
    .given(offered)
    .when(OfferExpired({ visitorId, code }))
    .expectState(visitorId, view({ status: 'expired' }));
  scenario(offers)
    .given(offered)
    .when(checkedOut)
    .expectState(visitorId, view({ status: 'dismissed' }));
});

it('is used by a checkout, until the order gives it back', () => {
  scenario(offers)
    .given(offered, OfferShown(hit()))
    .when(redeemed, checkedOut)
    .expectState(visitorId, view({ status: 'used' }))
    .when(CouponReturned({ ...who, orderId }))
    .expectState(visitorId, view({ status: 'shown', returnedBy: [orderId] }));
});

it('remembers a bounded number of orders that gave it back', () => {
  const returns = Array.from({ length: 25 }, (_, i) =>
    CouponReturned({ ...who, orderId: `order-00${i + 10}` }),
  );
  const { returnedBy } = scenario(offers)
    .given(offered)
    .when(...returns)
    .state(visitorId)!;
  expect(returnedBy).toHaveLength(20);
  expect(returnedBy.at(-1)).toBe('order-0034');
});
