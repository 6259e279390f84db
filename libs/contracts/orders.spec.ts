import { OrderSubmitted } from './orders.ts';

const euros = (cents: number) => ({ cents, currency: 'EUR' });
const line = { sku: 'MUG', name: 'A mug', quantity: 3, unitPrice: euros(333) };
const coupon = { code: 'STAY10-ABCD', percent: 10 };
const today = (old: object) => OrderSubmitted.upcasts[1]!(old);

describe('an order that was submitted when coupons said no discount', () => {
  it('has the discount that brought its lines to its total, rounded as it was then', () => {
    const old = { lines: [line], coupon, total: euros(900) };
    expect(today(old)).toEqual({ ...old, coupon: { ...coupon, discount: euros(99) } });
  });

  it('without a coupon is what it was', () => {
    const old = { lines: [line], total: euros(999) };
    expect(today(old)).toEqual(old);
  });

  it('never has a discount below nothing', () => {
    const odd = { lines: [line], coupon, total: euros(1200) };
    expect(today(odd)).toMatchObject({ coupon: { discount: euros(0) } });
  });
});
