import { aMarket, walk } from './market.spec-helper.ts';
import type { Market, Walked } from './market.spec-helper.ts';
import { usualMix } from './personas.ts';
import type { PersonaName } from './personas.ts';
import { shopperOf } from './shopper.ts';
import { tasteOf } from './tastes.ts';
import type { Deed } from './visit.ts';

const walks = (count: number, market: Market = {}, only?: PersonaName): Walked[] => {
  const nobody = { buyer: 0, hesitant: 0, 'bargain-hunter': 0, 'window-shopper': 0, bot: 0 };
  const mix = only ? { ...nobody, [only]: 1 } : usualMix;
  return Array.from({ length: count }, (_, n) =>
    walk(shopperOf('spec', n, mix, aMarket.tastes), market),
  );
};
const does = ({ deeds }: Walked, what: Deed['do']) => deeds.some((deed) => deed.do === what);
const skus = ({ deeds }: Walked, what: Deed['do']) =>
  deeds.flatMap((deed) => (deed.do === what && 'sku' in deed ? [deed.sku] : []));
const buys = ({ outcome }: Walked) => outcome === 'ordered' || outcome === 'ordered with coupon';
const share = (some: readonly Walked[], of: (walked: Walked) => boolean) =>
  some.filter(of).length / some.length;

const all = walks(1_000);

describe('a visit', () => {
  it('is the same for the same seed and the same shop', () => {
    expect(walks(50).map(({ deeds }) => deeds)).toEqual(all.slice(0, 50).map(({ deeds }) => deeds));
  });

  it('begins at the door and thinks before everything else', () => {
    for (const { deeds } of all) {
      expect(deeds[0]).toEqual({ do: 'arrive' });
      deeds.slice(1).forEach(({ do: what }, n) => {
        expect(what === 'think' || deeds[n]!.do === 'think').toBe(true);
      });
    }
  });

  it('adds only what was looked at and can be had', () => {
    const scarce = walks(300, { available: (sku) => Number(!sku.endsWith('0')) });
    for (const walked of [...all, ...scarce]) {
      const seen = new Set(skus(walked, 'look'));
      expect(skus(walked, 'add').filter((sku) => !seen.has(sku))).toEqual([]);
    }
    expect(
      scarce.flatMap((walked) => skus(walked, 'add')).filter((sku) => sku.endsWith('0')),
    ).toEqual([]);
  });

  it('orders what is in the cart or leaves it, and says which', () => {
    const some = all.filter((walked) => does(walked, 'add'));
    expect(some.map(buys)).toEqual(some.map((walked) => does(walked, 'order')));
    expect(new Set(some.map(({ outcome }) => outcome))).toEqual(
      new Set(['ordered', 'left a cart']),
    );
  });

  it('is that of a window-shopper or a bot without a cart', () => {
    const lookers = [...walks(100, {}, 'window-shopper'), ...walks(100, {}, 'bot')];
    expect(lookers.filter((walked) => does(walked, 'add') || does(walked, 'order'))).toEqual([]);
    expect(lookers.filter(({ outcome }) => outcome !== 'left')).toEqual([]);
  });

  it('leaves people time to think, and bots none', () => {
    const pace = (some: readonly Walked[]) => {
      const deeds = some.flatMap((walked) => walked.deeds);
      const ms = deeds.reduce((sum, deed) => sum + (deed.do === 'think' ? deed.ms : 0), 0);
      return deeds.filter((deed) => deed.do === 'look').length / (ms / 1000);
    };
    expect(pace(walks(50, {}, 'bot'))).toBeGreaterThan(1);
    expect(pace(walks(50, {}, 'window-shopper'))).toBeLessThan(0.25);
  });

  it('goes mostly to what one likes', () => {
    const looks = all
      .filter(({ mind }) => mind.shopper.persona !== 'bot')
      .flatMap((walked) => {
        const taste = tasteOf('spec', walked.mind.shopper.visitor, aMarket.tastes);
        const liked = new Set(taste.map(({ sku }) => sku));
        return skus(walked, 'look').map((sku) => liked.has(sku));
      });
    const liked = looks.filter(Boolean).length / looks.length;
    expect(liked).toBeGreaterThan(0.8);
    expect(liked).toBeLessThan(0.95);
  });

  it('searches for words that a name has', () => {
    const queries = all.flatMap(({ deeds }) =>
      deeds.flatMap((deed) => (deed.do === 'search' ? [deed.query] : [])),
    );
    expect(new Set(queries)).toEqual(new Set(['lantern']));
  });
});

describe('a coupon', () => {
  const withCoupon = { couponAfterMs: 10_000 };

  it.each(['buyer', 'hesitant', 'bargain-hunter'] as const)(
    'changes nothing for a %s who buys anyway, and keeps some of the others',
    (persona) => {
      const without = walks(400, {}, persona);
      const given = walks(400, withCoupon, persona);
      const lost = without.filter((walked, n) => buys(walked) && !buys(given[n]!));
      expect(lost).toEqual([]);
      const won = given.filter((walked, n) => buys(walked) && !buys(without[n]!));
      expect(won.every(({ mind }) => mind.truth().wouldStay && mind.truth().wouldLeave)).toBe(true);
      const leavers = given.filter(({ mind }) => {
        const { wouldLeave, offeredPercent } = mind.truth();
        return wouldLeave && offeredPercent !== null;
      });
      const { couponEffect } = given[0]!.mind.truth();
      const margin = 2.6 * Math.sqrt((couponEffect * (1 - couponEffect)) / leavers.length);
      expect(Math.abs(won.length / leavers.length - couponEffect)).toBeLessThan(margin);
    },
  );

  it('is taken, dismissed and ignored', () => {
    const given = walks(400, withCoupon);
    expect(given.filter((walked) => does(walked, 'take coupon')).length).toBeGreaterThan(20);
    expect(given.filter((walked) => does(walked, 'dismiss coupon')).length).toBeGreaterThan(5);
    for (const walked of given) {
      const used = walked.outcome === 'ordered with coupon';
      expect(used).toBe(does(walked, 'take coupon'));
    }
  });

  it('keeps more when it is worth more', () => {
    const of = (percent: number) => share(walks(300, { ...withCoupon, percent }, 'hesitant'), buys);
    expect(of(20)).toBeGreaterThan(of(10));
  });
});

describe('what the shop shows', () => {
  const leaving = (market: Market) => 1 - share(walks(400, market, 'bargain-hunter'), buys);

  it('weighs on whoever hesitates: the price', () => {
    expect(leaving({ cents: 12_000 })).toBeGreaterThan(leaving({ cents: 6_000 }));
    expect(leaving({ cents: 6_000 })).toBeGreaterThan(leaving({ cents: 1_000 }));
  });

  it('weighs on whoever hesitates: that few are left, and that something is gone', () => {
    expect(leaving({ available: () => 2 })).toBeLessThan(leaving({ available: () => 20 }));
    const gone = { available: (sku: string) => (sku.endsWith('0') ? 0 : 20) };
    expect(leaving(gone)).toBeGreaterThan(leaving({}));
  });
});
