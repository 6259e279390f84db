import { mixAt, personas, usualMix } from './personas.ts';
import { gapBefore, shopperOf } from './shopper.ts';
import type { Shopper } from './shopper.ts';
import { tasteOf } from './tastes.ts';
import { aMarket } from './market.spec-helper.ts';

const { tastes } = aMarket;
const shoppers = (count: number, seed = 'spec', mix = usualMix): Shopper[] =>
  Array.from({ length: count }, (_, n) => shopperOf(seed, n, mix, tastes));
const thousand = shoppers(1_000);

describe('who comes', () => {
  it('is the same for the same seed and number, in whatever order one asks', () => {
    expect(shopperOf('spec', 777, usualMix, tastes)).toEqual(thousand[777]);
    expect(shoppers(50)).toEqual(thousand.slice(0, 50));
  });

  it('is somebody else for another seed', () => {
    expect(shoppers(50, 'other')).not.toEqual(thousand.slice(0, 50));
  });

  it('follows the mix, also when somebody is not in it', () => {
    const mix = { ...usualMix, buyer: 0, bot: usualMix.bot + usualMix.buyer };
    const names = shoppers(1_000, 'spec', mix).map(({ persona }) => persona);
    expect(names).not.toContain('buyer');
    expect(names.filter((name) => name === 'bot').length).toBeGreaterThan(300);
  });

  it('has traits within what its persona allows, and likes what it liked before', () => {
    for (const shopper of thousand) {
      const { priceSensitivity, patience } = personas[shopper.persona];
      expect(shopper.priceSensitivity).toBeGreaterThanOrEqual(priceSensitivity[0]);
      expect(shopper.priceSensitivity).toBeLessThanOrEqual(priceSensitivity[1]);
      expect(shopper.patience).toBeGreaterThanOrEqual(patience[0]);
      expect(shopper.patience).toBeLessThanOrEqual(patience[1]);
      expect(shopper.taste).toEqual(tasteOf('spec', shopper.visitor, tastes));
    }
  });

  it('is a quarter returning, as the person who was there at least 30 sessions ago', () => {
    const returning = thousand.filter((shopper) => shopper.returning);
    expect(returning.length).toBeGreaterThan(150);
    expect(returning.length).toBeLessThan(300);
    for (const shopper of returning) {
      const before = thousand.slice(0, shopper.session - 29);
      const last = before.findLast(({ visitor }) => visitor === shopper.visitor)!;
      const { session: _, returning: _r, ...person } = shopper;
      expect(last).toMatchObject(person);
    }
  });

  it('comes one gap after the other, 1 on average', () => {
    const gaps = thousand.map((_, n) => gapBefore('spec', n));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(0.9);
    expect(mean).toBeLessThan(1.1);
  });
});

describe('the hour of the day', () => {
  const total = (hour: number) =>
    Object.values(mixAt(usualMix, hour)).reduce((sum, weight) => sum + weight, 0);

  it('changes how busy it is and who comes, but not the mix of a day', () => {
    expect(total(20)).toBeGreaterThan(3 * total(3));
    const bots = (hour: number) => mixAt(usualMix, hour).bot / total(hour);
    expect(bots(3)).toBeGreaterThan(3 * bots(20));
    for (const [name, weight] of Object.entries(usualMix)) {
      const hours = Array.from({ length: 24 }, (_, hour) => mixAt(usualMix, hour));
      const day = hours.reduce((sum, mix) => sum + mix[name as keyof typeof mix], 0);
      expect(day / 24).toBeCloseTo(weight, 9);
    }
  });
});
