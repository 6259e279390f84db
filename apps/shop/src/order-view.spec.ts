import {
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  OrderShipped,
  OrderSubmitted,
} from '#contracts/orders';
import { scenario, SCENARIO_START } from '#testing/scenario';
import { orderView } from './order-view.ts';
import type { OrderView } from './order-view.ts';

const order = { orderId: 'order-0001', visitorId: 'visitor-1' };
const euros = (cents: number) => ({ cents, currency: 'EUR' as const });
const lines = [{ sku: 'MUG', name: 'A mug', quantity: 2, unitPrice: euros(1250) }];
const submitted = OrderSubmitted({
  ...order,
  lines,
  total: euros(2500),
  customer: { name: 'Ada', email: 'ada@example.org', address: 'Lane 1' },
});
const view = (changes: Partial<OrderView> = {}): OrderView => ({
  ...order,
  lines,
  coupon: null,
  total: euros(2500),
  status: 'submitted',
  short: [],
  submittedAt: SCENARIO_START,
  ...changes,
});
const short = [{ sku: 'MUG', requested: 2, onHand: 1 }];

it('shows what was ordered, and nothing of the customer', () => {
  scenario(orderView).when(submitted).expectState(order.orderId, view());
});

it('says what the coupon took off', () => {
  const coupon = { code: 'STAY10-ABCD', discount: euros(250) };
  const withCoupon = { coupon: { ...coupon, percent: 10 }, total: euros(2250) };
  scenario(orderView)
    .when(OrderSubmitted({ ...submitted.data, ...withCoupon }))
    .expectState(order.orderId, view({ coupon, total: euros(2250) }));
});

it.each([
  ['placed', OrderPlaced({ ...order, deadlineAt: 1 }), {}],
  ['confirmed', OrderConfirmed(order), {}],
  ['shipped', OrderShipped(order), {}],
  ['cancelled', OrderCancelled({ ...order, unanswered: ['MUG'] }), {}],
  ['rejected', OrderRejected({ ...order, short }), { short }],
] as const)('becomes %s', (status, event, changes) => {
  scenario(orderView)
    .given(submitted)
    .when(event)
    .expectState(order.orderId, view({ status, ...(changes as Partial<OrderView>) }));
});

it('is one order when it was submitted twice', () => {
  scenario(orderView)
    .given(submitted, OrderConfirmed(order))
    .after(1000)
    .when(submitted)
    .expectState(order.orderId, view({ status: 'confirmed' }));
});

it('knows no order that was not submitted', () => {
  scenario(orderView).when(OrderConfirmed(order)).expectState(order.orderId, null);
});

it('is searched by its visitor, newest first', () => {
  const { visitor_id, submitted_at } = orderView.columns;
  expect(visitor_id!.of(view())).toBe('visitor-1');
  expect(submitted_at!.of(view())).toBe(SCENARIO_START);
});
