import { describe, expect, test } from '@jest/globals';
import { centsOf, price, typedFrom } from './money.ts';

describe('money', () => {
  test('is written with its currency', () => {
    expect(price({ cents: 123456, currency: 'EUR' })).toBe('€1,234.56');
  });

  test.each([
    ['4', 400],
    [' 4.5 ', 450],
    ['4,05', 405],
    ['', null],
    ['-4', null],
    ['4.505', null],
    ['four', null],
  ])('typed as %j is %j cents', (typed, cents) => {
    expect(centsOf(typed)).toBe(cents);
  });

  test.each([0, 5, 400, 450, 1299])('%i cents can be typed and read again', (cents) => {
    expect(centsOf(typedFrom(cents))).toBe(cents);
  });
});
