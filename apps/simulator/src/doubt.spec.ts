import { chanceToLeave, chanceToStay } from './doubt.ts';
import type { Impression } from './doubt.ts';

const plain: Impression = { totalCents: 6_000, fewLeft: false, missed: false, minutesInShop: 0 };
const shopper = {
  persona: 'hesitant',
  priceSensitivity: 0.5,
  patience: 0.5,
  device: 'desktop',
} as const;
const chance = (
  seen: Partial<Impression>,
  who: Partial<Parameters<typeof chanceToLeave>[0]> = {},
) => chanceToLeave({ ...shopper, ...who }, { ...plain, ...seen });

describe('the doubt over a cart', () => {
  it('is the persona’s own when nothing speaks either way', () => {
    expect(chance({})).toBeCloseTo(0.7, 9);
    expect(chance({}, { persona: 'buyer' })).toBeCloseTo(0.06, 9);
  });

  it('grows with the price, for those who look at it', () => {
    expect(chance({ totalCents: 12_000 })).toBeGreaterThan(chance({ totalCents: 3_000 }));
    expect(chance({ totalCents: 12_000 }, { priceSensitivity: 0 })).toBeCloseTo(0.7, 9);
  });

  it('grows with what was missed, and shrinks when few are left', () => {
    expect(chance({ missed: true })).toBeGreaterThan(0.7);
    expect(chance({ fewLeft: true })).toBeLessThan(0.7);
  });

  it('grows with time for the impatient only', () => {
    expect(chance({ minutesInShop: 5 }, { patience: 0.1 })).toBeGreaterThan(0.7);
    expect(chance({ minutesInShop: 5 }, { patience: 0.9 })).toBeLessThan(0.7);
  });

  it('is certain for those who never buy, and finite for a cart that costs nothing', () => {
    expect(chance({}, { persona: 'window-shopper' })).toBe(1);
    expect(chance({ totalCents: 0 })).toBeGreaterThan(0);
  });
});

describe('the effect of a coupon', () => {
  it('is the configured share at 10 %, and of the rest at every further 10 %', () => {
    expect(chanceToStay({ persona: 'hesitant' }, 10)).toBeCloseTo(0.6, 9);
    expect(chanceToStay({ persona: 'hesitant' }, 20)).toBeCloseTo(0.84, 9);
    expect(chanceToStay({ persona: 'hesitant' }, 0)).toBe(0);
  });
});
