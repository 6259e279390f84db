import { readdirSync } from 'node:fs';
import { describe, expect, test } from '@jest/globals';
import { curlOf } from './copy.ts';
import type { Landed } from './story.ts';
import { age, lagSentence, sentenceOf, span, verdictOf } from './words.ts';

function landed(type: string, data: object, more: object = {}): Landed {
  const time = new Date(1000).toISOString();
  const event = { id: 'e', type, source: '/collector', time, correlationid: 'e', causationid: 'e' };
  return {
    topic: 'visitors',
    partition: 3,
    offset: 17,
    landedAt: 1004,
    event: { ...event, data: { ...data }, ...more },
  };
}

const features = { itemsInCart: 1, cartValue: 34.9, productViews: 2, idleSeconds: 19 };
const offered = landed('CouponOffered', { features, score: 0.6107, model: 'first-2026' });
const promoted = (model: string, threshold: number) =>
  landed('ModelPromoted', { model, threshold });

describe('a decision in words', () => {
  test('says what was seen, what it came to, and what is enough', () => {
    const models = [promoted('first-2026', 0.6), promoted('another', 0.9)];
    expect(verdictOf(offered, models)).toEqual({
      score: '0.61 that you leave; 0.60 is enough',
      saw: [
        '1 thing in the cart, worth €34.90',
        '2 products looked at',
        '19 seconds without a move',
      ],
      model: 'first-2026',
    });
  });

  test('says nothing of a threshold that it does not know', () => {
    expect(verdictOf(offered, [])?.score).toBe('0.61 that you leave');
  });

  test('names what is not always so only when it was', () => {
    const left = landed('CouponOffered', {
      features: { ...features, exitIntent: 1, cartReturns: 1, checkoutStarted: 1 },
      score: 0.9,
      model: 'm',
    });
    expect(verdictOf(left, [])?.saw.slice(3)).toEqual([
      'back in the cart 1 time',
      'the pointer left the window',
      'the checkout was open',
    ]);
  });

  test('is in no other event', () => {
    expect(verdictOf(landed('CartViewed', {}), [])).toBeNull();
  });
});

describe('a sentence', () => {
  test.each(['visitors', 'orders', 'stock', 'stock-levels', 'affinities.v1', 'affinities.v2'])(
    'is there for every event of %s',
    (topic) => {
      const data = { url: 'http://shop/cart', total: { cents: 1, currency: 'EUR' } };
      const schemas = readdirSync(`libs/contracts/schemas/${topic}`);
      // The goods of a supplier are no visitor's.
      const types = new Set(schemas.map((file) => file.split('.')[0]!));
      types.delete('GoodsDelivered');
      expect([...types].filter((type) => sentenceOf(landed(type, data)) === '')).toEqual([]);
    },
  );

  test('is not made up for a type that is new', () => {
    expect(['OrderLost', 'constructor'].map((type) => sentenceOf(landed(type, {})))).toEqual([
      '',
      '',
    ]);
  });

  test('of a lag says from where to where', () => {
    expect(lagSentence(landed('CartViewed', {}))).toBe(
      'It was on the log 4 ms after the service had it at its door.',
    );
    expect(lagSentence(landed('OrderPlaced', {}, { causationid: 'other' }))).toMatch(
      /after it was due/,
    );
  });
});

test.each([
  [-3, '0 ms', 'now'],
  [999, '999 ms', 'now'],
  [18_240, '18.2 s', '18 s'],
  [59_000, '59 s', '59 s'],
  [60_000, '1 min', '1 min'],
  [7_200_000, '2 h', '2 h'],
])('%d ms is a span of %s and an age of %s', (ms, asSpan, asAge) => {
  expect([span(ms), age(ms)]).toEqual([asSpan, asAge]);
});

describe('as curl', () => {
  const doors = { shopUrl: 'http://shop', collectorUrl: 'http://door', visitorId: 'ada' };

  test('a click is told again, as the first of another tab', () => {
    const viewed = landed('PageViewed', { title: "Robin's", tab: 't', hit: 7 });
    expect(curlOf(viewed, doors, 'curl-1')).toEqual({
      does: 'sends it once more',
      curl:
        `curl -H 'content-type: application/json' -d ` +
        `'{"type":"PageViewed","title":"Robin'\\''s","tab":"curl-1","hit":1}' 'http://door/collect'`,
    });
  });

  test('anything else is read, by whom it is about', () => {
    expect(curlOf(offered, doors, 'curl-1')).toEqual({
      does: 'reads it',
      curl: `curl -b 'visitor=ada' 'http://shop/api/story/visitors/3/17'`,
    });
  });
});
