import type { NewEvent } from '#contracts/contract';
import { BoughtTogether, ProductSeen, SeenTogether } from '#contracts/recommendations';
import { CartCheckedOut, ProductViewed } from '#contracts/visitors';
import { scenario } from '#testing/scenario';
import { BOT_LIMIT, coViews } from './co-views.ts';

const visitorId = 'visitor-0001';
const minute = 60_000;

let hits = 0;
function viewed(sku: string, visitor = visitorId): NewEvent {
  hits += 1;
  const from = { sessionId: 's', tab: 'tab', hit: hits, site: 'shop', url: '/' };
  return ProductViewed({ ...from, visitorId: visitor, sku });
}

function checkedOut(skus: string[], optedOut = false): NewEvent {
  const total = { cents: 1000, currency: 'EUR' as const };
  return CartCheckedOut({ visitorId, orderId: 'order-0001', skus, total, optedOut });
}

function together(a: string, b: string): NewEvent[] {
  return [SeenTogether({ sku: a, other: b }), SeenTogether({ sku: b, other: a })];
}

describe('products seen in one visit', () => {
  it('are seen, and seen together, both ways', () => {
    scenario(coViews)
      .when(viewed('TENT'), viewed('STOVE'))
      .expect(
        ProductSeen({ sku: 'TENT' }),
        ProductSeen({ sku: 'STOVE' }),
        ...together('STOVE', 'TENT'),
      );
  });

  it('count once a visit, however often one goes back and forth', () => {
    scenario(coViews)
      .given(viewed('TENT'), viewed('STOVE'))
      .when(viewed('TENT'), viewed('STOVE'), viewed('TENT'))
      .expect();
  });

  it('count again in the next visit', () => {
    scenario(coViews)
      .given(viewed('TENT'))
      .after(30 * minute)
      .expectState(visitorId, null)
      .when(viewed('TENT'))
      .expect(ProductSeen({ sku: 'TENT' }));
  });

  it('are a pair only within half an hour', () => {
    scenario(coViews)
      .given(viewed('TENT'))
      .after(20 * minute)
      .given(viewed('STOVE'))
      .after(20 * minute)
      .when(viewed('LAMP'))
      .expect(ProductSeen({ sku: 'LAMP' }), ...together('LAMP', 'STOVE'));
  });

  it('pair with the seven looked at last', () => {
    const before = ['A1', 'A2', 'A3', 'A4', 'A5', 'A6', 'A7', 'A8'];
    scenario(coViews)
      .given(...before.map((sku) => viewed(sku)), viewed('A1'))
      .when(viewed('B1'))
      .expect(
        ProductSeen({ sku: 'B1' }),
        ...['A3', 'A4', 'A5', 'A6', 'A7', 'A8', 'A1'].flatMap((sku) => together('B1', sku)),
      );
  });

  it('of two visitors are no pair', () => {
    scenario(coViews)
      .given(viewed('TENT'))
      .when(viewed('STOVE', 'visitor-0002'))
      .expect(ProductSeen({ sku: 'STOVE' }));
  });
});

describe('a bot', () => {
  const skus = Array.from({ length: BOT_LIMIT + 1 }, (_, i) => `SKU-${i}`);
  const bot = () => scenario(coViews).given(...skus.slice(0, -1).map((sku) => viewed(sku)));

  it('is who looks at more products than people do, and is passed over from there on', () => {
    bot()
      .when(viewed('SKU-60'), viewed('SKU-61'), checkedOut(['SKU-1', 'SKU-2']))
      .expect()
      .expectState(visitorId, { viewed: [], isBot: true });
  });

  it('is not who goes back to what was seen', () => {
    bot()
      .when(viewed('SKU-0'))
      .expect()
      .when(checkedOut(['TENT', 'STOVE']))
      .expect(
        BoughtTogether({ sku: 'TENT', other: 'STOVE' }),
        BoughtTogether({ sku: 'STOVE', other: 'TENT' }),
      );
  });
});

describe('an order', () => {
  it('pairs its products both ways, each once, and ten at most', () => {
    const skus = Array.from({ length: 12 }, (_, i) => `SKU-${i}`);
    const pairs = scenario(coViews)
      .when(checkedOut([...skus.slice(0, 1), ...skus]))
      .appended();
    expect(pairs).toHaveLength(90);
    expect(new Set(pairs.map(({ data }) => JSON.stringify(data))).size).toBe(90);
  });

  it('of one product pairs nothing and leaves no state', () => {
    scenario(coViews)
      .when(checkedOut(['TENT']))
      .expect()
      .expectState(visitorId, null);
  });

  it('under Global Privacy Control teaches nothing', () => {
    scenario(coViews)
      .when(checkedOut(['TENT', 'STOVE'], true))
      .expect();
  });
});
