import { checkAccounts } from './accounts.ts';
import { checkBadTracks } from './bad-tracks.ts';
import { checkCoupons } from './coupons.ts';
import { checkStock, checkViews } from './dumps.ts';
import { checkGaps } from './lanes.ts';
import type { RawEvent } from './raw-log.ts';

const on = (topic: string, type: string, data: object, more: Partial<RawEvent> = {}) =>
  ({ topic, partition: 0, offset: 0, type, data, mark: null, lane: null, ...more }) as RawEvent;

describe('what was accepted', () => {
  const accounts = {
    tried: new Map([['A', 'ada']]),
    orders: new Set(['A']),
    hits: new Set(['ada/t/1']),
    deliveries: new Map([['D', 2]]),
  };
  const submitted = on('orders', 'OrderSubmitted', { orderId: 'A', visitorId: 'ada' });
  const checkedOut = on('visitors', 'CartCheckedOut', { orderId: 'A' });
  const confirmed = on('orders', 'OrderConfirmed', { orderId: 'A' });
  const hit = (number: number) =>
    on('visitors', 'ProductViewed', { visitorId: 'ada', tab: 't', hit: number });
  const goods = ['MUG', 'CUP'].map((sku) =>
    on('stock', 'GoodsDelivered', { sku, deliveryId: 'D', quantity: 1 }),
  );
  const well = [submitted, checkedOut, confirmed, hit(1), ...goods];
  const without = (event: RawEvent) => well.filter((each) => each !== event);

  it('is fine once on the log', () => expect(checkAccounts(well, accounts)).toEqual([]));
  it('may be there more often, if it is a hit', () => {
    expect(checkAccounts([...well, hit(2), hit(1)], accounts)).toEqual([]);
  });
  it.each([
    ['an order is lost', without(submitted), 'A was accepted, and is submitted 0 times'],
    ['an order is there twice', [...well, submitted], 'A was accepted, and is submitted 2 times'],
    ['nobody decides', without(confirmed), 'A was accepted, and is decided 0 times'],
    ['two decide', [...well, confirmed], 'A was accepted, and is decided 2 times'],
    ['a cart was not checked out', without(checkedOut), 'A is submitted, its cart checked out 0'],
    ['a hit is lost', well.filter(({ type }) => type !== 'ProductViewed'), 'hit ada/t/1 was acc'],
    ['hits pass each other', [hit(2), ...well], 'hit ada/t/1 comes after 2'],
    ['a delivery is half there', without(goods[0]!), 'delivery D was accepted, and is not whole'],
  ])('is not, when %s', (_, events, sentence) => {
    expect(checkAccounts(events, accounts)).toEqual([expect.stringContaining(sentence)]);
  });
  it('is not, when nobody sent it', () => {
    const tried = new Map([['A', 'bob']]);
    expect(checkAccounts(well, { ...accounts, tried })).toEqual(['A was never sent']);
  });
});

describe('a coupon', () => {
  const coupon = { visitorId: 'ada', code: 'STAY' };
  const offered = on('visitors', 'CouponOffered', coupon);
  const redeemed = (orderId: string) => on('visitors', 'CouponRedeemed', { ...coupon, orderId });
  const returned = on('visitors', 'CouponReturned', { ...coupon, orderId: 'A' });

  it('is redeemed once, and again when it was given back', () => {
    const events = [offered, redeemed('A'), returned, redeemed('B')];
    expect(checkCoupons(events)).toEqual({ problems: [], redeemed: 2 });
  });
  it.each([
    ['twice', [offered, redeemed('A'), redeemed('B')], 'redeemed by A and B'],
    ['unasked', [redeemed('A')], 'never offered'],
    ['given back unused', [offered, returned], 'has not used it'],
  ])('is not redeemed %s', (_, events, sentence) => {
    expect(checkCoupons(events).problems).toEqual([expect.stringContaining(sentence)]);
  });
});

describe('a bad track', () => {
  const malformed = on('stock', '', {}, { mark: 'malformed', offset: 3 });
  const place = { topic: 'stock', partition: 0, reason: 'why', group: 'a' };
  const refused = (offset: string) => on('stock.bad', 'RecordRefused', { ...place, offset });

  it('has what is malformed', () => expect(checkBadTracks([malformed, refused('3')])).toEqual([]));
  it.each([
    ['what is good', [malformed, refused('3'), refused('4')], 'stock-0/4 is refused (why), and'],
    ['nothing', [malformed], 'stock-0/3 is malformed, and on no bad track'],
    ['it twice', [malformed, refused('3'), refused('3')], 'stock-0/3 by a is refused twice'],
  ])('does not have %s', (_, events, sentence) => {
    expect(checkBadTracks(events)).toEqual([expect.stringContaining(sentence)]);
  });
});

test('a lane of a door has no gap', () => {
  const at = (sequence: string) => on('orders', '', {}, { lane: 'shop:1:orders-0', sequence });
  const foreign = on('orders', '', {}, { lane: 'ordering.x@0', sequence: '9.1' });
  expect(checkGaps([at('1.0'), foreign, at('2.0')], 'shop')).toEqual([]);
  expect(checkGaps([at('1.0'), at('3.0')], 'shop')).toEqual([
    'orders-0/0: shop:1:orders-0 goes from 1 to 3',
  ]);
});

test('the stock in the database is delivered less sold less reserved', () => {
  const sku = 'MUG';
  const events = [
    on('stock', 'GoodsDelivered', { sku, deliveryId: 'D', quantity: 9 }),
    on('stock', 'GoodsDelivered', { sku, deliveryId: 'D', quantity: 9 }),
    ...['A', 'B'].map((orderId) => on('stock', 'StockRequested', { sku, orderId, quantity: 2 })),
    on('stock', 'StockCommitted', { sku, orderId: 'A' }),
  ];
  const row = (onHand: number) => [{ key: sku, state: { onHand, reserved: { B: 2 } } }];
  expect(checkStock(events, row(5))).toEqual([]);
  expect(checkStock(events, row(4))).toEqual(['MUG: the database has 4 on hand, the log 5']);
});

test('each hit counts once', () => {
  const view = on('visitors', 'ProductViewed', { visitorId: 'ada', tab: 't', hit: 1 });
  const bob = { key: 'bob', state: { productViews: 0 } };
  const row = (productViews: number) => [{ key: 'ada', state: { productViews } }, bob];
  expect(checkViews([view, view], row(1))).toEqual([]);
  expect(checkViews([view, view], row(2))).toEqual(['ada has seen 1 products, and 2 are counted']);
});
