import type { NewEvent } from '#contracts/contract';
import * as order from '#contracts/orders';
import { ProductPublished } from '#contracts/products';
import { RecommendationsChanged } from '#contracts/recommendations';
import { StockLevelChanged } from '#contracts/stock';
import * as visitor from '#contracts/visitors';
import { expectGolden, replay, seeded } from '#testing/golden';
import type { Timed } from '#testing/golden';
import { SCENARIO_START } from '#testing/scenario';
import { processors } from './processors.ts';

/** What each processor makes of the history below; a change takes a new version. */
const committed: Record<string, { version: number; digest: string }> = {
  'shop.products': {
    version: 1,
    digest: '73e928555cb1af4e91b21924835d74adfe84e76dd409badb1838aefffa9419a5',
  },
  'shop.stock': {
    version: 1,
    digest: 'd051b11da64064f60013ae2754f5e7d1cf84f6c639f5adad06947a5b7e425e35',
  },
  'shop.recommendations': {
    version: 1,
    digest: '774cb613b06bd9723f23124dfaa582f4aaedc794d5bcc8b8cb6314d60011f546',
  },
  'shop.offers': {
    version: 1,
    digest: '75b280825ca4545b0c333e39461a1f688e7530572f96c8d9a7508c62c5f61a4e',
  },
  'shop.orders': {
    version: 2,
    digest: '5c16d259f8c532599e3033849dbf8f24af680e721e1385b3e6c3474119dd3fb3',
  },
  'shop.coupon-returns': {
    version: 1,
    digest: '3b98d5ab931f687084e48232a8fe2255a7a31ecc303d92ceb20012ca4e8825b7',
  },
};

const ofName = (name: string) => processors.find((processor) => processor.name === name)!;

it('has a committed result for each processor', () => {
  expect(Object.keys(committed)).toEqual(processors.map(({ name }) => name));
});

it.each(Object.entries(committed))('%s gives the committed result', (name, golden) => {
  expectGolden(ofName(name), historyFor(name), golden);
});

it('has every event that they read in its history', () => {
  const types = new Set(history().map(({ event }) => event.type));
  const read = processors.flatMap(({ reads }) => [...reads.keys()]);
  expect(read.filter((type) => !types.has(type))).toEqual([]);
});

it('makes the coupons of failed orders come back', () => {
  const { outputs } = replay(ofName('shop.coupon-returns'), historyFor('shop.coupon-returns'));
  expect(outputs.length).toBeGreaterThan(10);
});

const historyFor = (name: string) =>
  history().filter(({ event }) => event.topic === ofName(name).topic.name);

const changed = visitor.ReleaseChanged({
  application: 'feedback',
  shares: [{ release: 'v2', percent: 100 }],
  pins: [],
  by: 'test',
});

/** Orders, offers and products in all kinds of order, as the log never promised another. */
function history(): Timed[] {
  const random = seeded(11);
  let at = SCENARIO_START;
  const events = Array.from({ length: 2000 }, (_, i) => {
    at += Math.floor(random() * 1000);
    return { event: eventOf(i, (below) => Math.floor(random() * below)), at };
  });
  return [...events, { event: changed, at }];
}

function eventOf(i: number, upTo: (below: number) => number): NewEvent {
  const visitorId = `visitor-${upTo(9)}`;
  const orderId = `order-00${upTo(90) + 10}`;
  const sku = `SKU-${upTo(9)}`;
  const code = `STAY10-${upTo(3)}`;
  const ids = { orderId, visitorId };
  const hit = { visitorId, sessionId: 's', tab: `tab-${upTo(3)}`, hit: i + 1, site: 's', url: '/' };
  const price = { cents: upTo(9000), currency: 'EUR' as const };
  const decided = { features: { itemsInCart: upTo(9) }, score: upTo(9) / 10, model: 'first' };
  const makers: (() => NewEvent)[] = [
    () => order.OrderSubmitted(submitted(ids, sku, price, upTo(2) ? code : null)),
    () => order.OrderPlaced({ ...ids, deadlineAt: i }),
    () => order.OrderConfirmed(ids),
    () => order.OrderRejected({ ...ids, short: [{ sku, requested: 2, onHand: upTo(2) }] }),
    () => order.OrderCancelled({ ...ids, unanswered: [sku] }),
    () => order.OrderShipped(ids),
    () => visitor.CouponOffered({ visitorId, code, percent: 10, expiresAt: i, ...decided }),
    () => visitor.OfferShown({ ...hit, code }),
    () => visitor.OfferDismissed({ ...hit, code }),
    () => visitor.OfferExpired({ visitorId, code }),
    () => visitor.CouponRedeemed({ ...ids, code }),
    () => visitor.CouponReturned({ ...ids, code }),
    () => visitor.CartCheckedOut({ ...ids, skus: [sku], total: price }),
    () => ProductPublished(product(sku, price, upTo(5) === 0)),
    () => StockLevelChanged({ sku, onHand: upTo(50), reserved: upTo(5) }),
    () => RecommendationsChanged({ sku, ranked: [], popularity: upTo(999) / 7, version: '1' }),
  ];
  return makers[upTo(makers.length)]!();
}

type Price = { cents: number; currency: 'EUR' };

function submitted(
  ids: { orderId: string; visitorId: string },
  sku: string,
  price: Price,
  code: string | null,
) {
  const lines = [{ sku, name: 'A thing', quantity: 1, unitPrice: price }];
  const customer = { name: 'Ada', email: 'ada@example.org', address: 'Lane 1' };
  return {
    ...ids,
    lines,
    total: price,
    customer,
    coupon: code ? { code, percent: 10, discount: { ...price, cents: 0 } } : undefined,
  };
}

function product(sku: string, price: Price, withdrawn: boolean) {
  const texts = { name: 'A thing', category: 'Things', description: 'It is.', picture: 'a.webp' };
  return { sku, price, withdrawn, ...texts };
}
