import { describe, expect, test } from '@jest/globals';
import { couponBehind, momentsOf } from './chain.ts';
import type { Link } from './chain.ts';
import { together } from './story.ts';
import type { Landed } from './story.ts';

let clock = 0;

/** An event of a story; its id is its type, unless it has another. */
function landed(
  type: string,
  correlationid: string,
  causationid: string,
  more: object = {},
): Landed {
  clock += 1;
  const event = { id: type, type, source: '/shop', time: '', correlationid, causationid, data: {} };
  return {
    topic: 'visitors',
    partition: 0,
    offset: clock,
    landedAt: clock,
    event: { ...event, ...more },
  };
}

/** `A(B C)`: B and C came of A. */
const drawn = (links: readonly Link[]): string =>
  links
    .map(({ landed, alike, effects }) => {
      const name = `${landed.event.type}${alike > 1 ? `×${alike}` : ''}`;
      return effects.length > 0 ? `${name}(${drawn(effects)})` : name;
    })
    .join(' ');
const chains = (events: Landed[]) => momentsOf(events).map(({ links }) => drawn(links));

describe('moments', () => {
  test('are trees by causation, one for each correlation, in the order they began', () => {
    const events = [
      landed('CartViewed', 'c', 'CartViewed'),
      landed('PageViewed', 'p', 'PageViewed'),
      landed('CouponOffered', 'c', 'CartViewed'),
      landed('OfferExpired', 'c', 'CouponOffered'),
    ];
    expect(chains(events)).toEqual(['CartViewed(CouponOffered(OfferExpired))', 'PageViewed']);
  });

  test('have several beginnings when one transaction says several things', () => {
    const events = [
      landed('CartCheckedOut', 'c', 'CartCheckedOut'),
      landed('OrderSubmitted', 'c', 'OrderSubmitted'),
      landed('OrderPlaced', 'c', 'OrderSubmitted'),
    ];
    expect(chains(events)).toEqual(['CartCheckedOut OrderSubmitted(OrderPlaced)']);
  });

  test('hang an effect under its cause also when it landed first', () => {
    const cause = landed('OrderSubmitted', 'c', 'OrderSubmitted');
    const effect = landed('StockRequested', 'c', 'OrderSubmitted');
    expect(chains([effect, cause])).toEqual(['OrderSubmitted(StockRequested)']);
  });

  test('keep what has lost its cause', () => {
    expect(chains([landed('OrderShipped', 'c', 'forgotten')])).toEqual(['OrderShipped']);
  });

  test('say once what is alike and led to nothing', () => {
    const seen = (id: string) => landed('SeenTogether', 'v', 'ProductViewed', { id });
    const events = [landed('ProductViewed', 'v', 'ProductViewed'), seen('a'), seen('b'), seen('c')];
    expect(chains(events)).toEqual(['ProductViewed(SeenTogether×3)']);
    const other = landed('SeenTogether', 'v', 'ProductViewed', { id: 'd', source: '/other' });
    const after = landed('Noticed', 'v', 'c');
    expect(chains([...events, other, after])).toEqual([
      'ProductViewed(SeenTogether×2 SeenTogether(Noticed) SeenTogether)',
    ]);
  });

  test('have a hit that was sent again once', () => {
    const hit = (id: string) => landed('PageViewed', id, id, { id, data: { tab: 't', hit: 1 } });
    expect(chains([hit('a'), hit('b')])).toEqual(['PageViewed']);
  });
});

test('behind a coupon that is shown is the one that was offered', () => {
  const of = (type: string, code: string) => landed(type, type, type, { data: { code } });
  const [other, offered] = [of('CouponOffered', 'STAY-1'), of('CouponOffered', 'STAY-2')];
  const behind = (type: string, code: string) => couponBehind(of(type, code), [other, offered]);
  expect(behind('OfferShown', 'STAY-2')).toBe(offered);
  expect(behind('CouponApplied', 'STAY-3')).toBeUndefined();
  expect(behind('OfferExpired', 'STAY-2')).toBeUndefined();
});

test('what came with the page and what came live is there once, oldest first', () => {
  const [first, second, third] = ['A', 'B', 'C'].map((type) => landed(type, type, type));
  const all = together([second!, first!], [third!, second!]);
  expect(all.map(({ event }) => event.type)).toEqual(['A', 'B', 'C']);
});
