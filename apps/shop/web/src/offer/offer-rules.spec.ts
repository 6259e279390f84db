import { describe, expect, test } from '@jest/globals';
import type { Me } from '../api.ts';
import { offerToShow, thingsIn, timeLeft } from './offer-rules.ts';

const now = 1_000_000;
const none = new Set<string>();
const euros = (cents: number) => ({ cents, currency: 'EUR' as const });
const offer = { code: 'REED-7K2M', percent: 10, expiresAt: now + 1, status: 'offered' as const };
const line = { sku: 'KIT-1', name: 'Kettle', picture: '', quantity: 1, unitPrice: euros(100) };

const cart: Me['cart'] = {
  lines: [line],
  coupon: null,
  subtotal: euros(100),
  discount: euros(0),
  total: euros(100),
};
const visitor = { offer, cart };
const withCart = (changes: Partial<Me['cart']>) => ({ offer, cart: { ...cart, ...changes } });

describe('an offer', () => {
  test('is shown to a visitor with something in the cart', () => {
    expect(offerToShow(visitor, none, now)).toBe(offer);
  });

  test('is not there before the shop has spoken, nor when there is none', () => {
    expect(offerToShow(null, none, now)).toBeNull();
    expect(offerToShow({ offer: null, cart }, none, now)).toBeNull();
  });

  test('is never shown over an empty cart', () => {
    expect(offerToShow(withCart({ lines: [] }), none, now)).toBeNull();
  });

  test('does not come back once it was turned down', () => {
    expect(offerToShow(visitor, new Set([offer.code]), now)).toBeNull();
  });

  test('is over at the moment it expires', () => {
    expect(offerToShow(visitor, none, offer.expiresAt)).toBeNull();
  });

  test('is not shown while its coupon already counts, but another coupon does not hide it', () => {
    const using = (code: string) => withCart({ coupon: { code, percent: 10 } });
    expect(offerToShow(using(offer.code), none, now)).toBeNull();
    expect(offerToShow(using('OTHER-1'), none, now)).toBe(offer);
  });

  test.each([
    [[line], 'Kettle'],
    [[line, { ...line, name: 'Tent', quantity: 2 }], 'Tent and one more thing'],
    [[line, { ...line, name: 'Tea', unitPrice: euros(90) }, line], 'Kettle and 2 more things'],
    [[], ''],
  ])('names what it is for: %#', (lines, words) => {
    expect(thingsIn({ lines })).toBe(words);
  });

  test.each([
    [245_000, '4:05'],
    [59_001, '1:00'],
    [0, '0:00'],
    [-5, '0:00'],
  ])('with %i ms left says %s', (ms, text) => {
    expect(timeLeft(ms)).toBe(text);
  });
});
