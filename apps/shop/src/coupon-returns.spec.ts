import { OrderCancelled, OrderConfirmed, OrderRejected, OrderSubmitted } from '#contracts/orders';
import { CouponReturned } from '#contracts/visitors';
import { scenario } from '#testing/scenario';
import { couponReturns } from './coupon-returns.ts';

const order = { orderId: 'order-0001', visitorId: 'visitor-1' };
const price = { cents: 1250, currency: 'EUR' as const };
const coupon = { code: 'STAY10-ABCD', percent: 10, discount: { ...price, cents: 125 } };
const plain = {
  ...order,
  lines: [{ sku: 'MUG', name: 'A mug', quantity: 1, unitPrice: price }],
  total: price,
  customer: { name: 'Ada', email: 'ada@example.org', address: 'Lane 1' },
};
const submitted = OrderSubmitted({ ...plain, coupon });
const rejected = OrderRejected({ ...order, short: [{ sku: 'MUG', requested: 1, onHand: 0 }] });
const cancelled = OrderCancelled({ ...order, unanswered: ['MUG'] });
const returned = CouponReturned({ ...order, code: coupon.code });

it.each([rejected, cancelled])('gives the coupon back: $type', (failed) => {
  scenario(couponReturns).given(submitted).when(failed).expect(returned);
});

it('gives it back once, whatever is said twice', () => {
  scenario(couponReturns)
    .given(submitted, submitted)
    .when(rejected, rejected, cancelled)
    .expect(returned)
    .expectState(order.orderId, null);
});

it('keeps the coupon of an order that is confirmed, and forgets the order', () => {
  scenario(couponReturns)
    .given(submitted, OrderConfirmed(order))
    .expectState(order.orderId, null)
    .when(rejected)
    .expect();
});

it('has nothing to give back for an order without a coupon', () => {
  scenario(couponReturns)
    .given(OrderSubmitted(plain))
    .expectState(order.orderId, null)
    .when(rejected)
    .expect();
});
