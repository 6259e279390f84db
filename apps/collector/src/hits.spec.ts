import { readHits } from './hits.ts';

const viewed = (hit: number, more: object = {}) => ({
  type: 'ProductViewed',
  visitorId: 'visitor-1',
  sessionId: 'session-1',
  tab: 'tab-1',
  hit,
  site: 'shop',
  url: 'http://shop/products/MUG-1',
  sku: 'MUG-1',
  ...more,
});
const body = (value: unknown) => Buffer.from(JSON.stringify(value));
const badValue = (bad: { data: unknown } | undefined) => {
  const { value } = bad!.data as { value: string };
  return Buffer.from(value, 'base64').toString();
};

describe('readHits', () => {
  it('keeps a hit under the key of its visitor', () => {
    const { kept, refused, bad } = readHits(body(viewed(1)));
    const { type, ...data } = viewed(1);
    expect(kept).toEqual([{ type, version: 1, topic: 'visitors', key: 'visitor-1', data }]);
    expect([...refused, ...bad]).toEqual([]);
  });

  it('keeps the valid hits of a batch in their order and says what is wrong with the others', () => {
    const { kept, refused, bad } = readHits(
      body([viewed(1), viewed(2, { sku: 'mug' }), viewed(3)]),
    );
    expect(kept.map((event) => event.data)).toMatchObject([{ hit: 1 }, { hit: 3 }]);
    expect(refused).toEqual([
      { index: 1, field: 'sku', reason: 'must be 2 to 32 capital letters, digits or hyphens' },
    ]);
    expect(JSON.parse(badValue(bad[0]))).toEqual(viewed(2, { sku: 'mug' }));
    expect(bad[0]).toMatchObject({
      type: 'RecordRefused',
      topic: 'visitors.bad',
      data: {
        group: 'collector',
        topic: 'visitors',
        offset: null,
        key: 'visitor-1',
        type: 'ProductViewed',
      },
    });
  });

  it.each(['ItemAddedToCart', 'ModelPromoted', 'TimePassed', 'GoodsDelivered', 'Nonsense', 7])(
    'does not take %s from a browser',
    (type) => {
      const { kept, refused } = readHits(body(viewed(1, { type })));
      expect(kept).toEqual([]);
      expect(refused).toMatchObject([{ field: 'type' }]);
    },
  );

  it('takes errors of scripts, for the topic of the systems', () => {
    const error = { type: 'ClientErrorReported', service: 'shop', message: 'boom', url: '/' };
    expect(readHits(body(error)).kept).toMatchObject([{ topic: 'systems', key: 'shop' }]);
  });

  it.each([
    ['no JSON', Buffer.from('{"type"'), 'must be JSON in UTF-8'],
    ['bytes that are no UTF-8', Buffer.from([0x22, 0xff, 0x22]), 'must be JSON in UTF-8'],
    ['nothing', Buffer.alloc(0), 'must be JSON in UTF-8'],
    ['an empty batch', body([]), 'must hold at least one hit'],
    [
      '101 hits',
      body(Array.from({ length: 101 }, () => 0)),
      'must hold at most 100 hits; send the rest in another batch',
    ],
  ])('refuses %s and keeps the raw body', (_, raw, reason) => {
    const { kept, refused, bad } = readHits(raw);
    expect(kept).toEqual([]);
    expect(refused).toEqual([{ index: 0, field: '(body)', reason }]);
    expect(badValue(bad[0])).toBe(raw.toString());
  });

  it.each([null, 1, 'text', []])('refuses %j in the place of a hit', (hit) => {
    expect(readHits(body([hit])).refused).toMatchObject([{ index: 0, field: '(body)' }]);
  });

  it('keeps a hit that is nested deeper than it can be written again', () => {
    const depth = 30_000;
    const raw = Buffer.from(`[{"type":"x","deep":${'['.repeat(depth)}${']'.repeat(depth)}}]`);
    expect(badValue(readHits(raw).bad[0])).toBe(raw.toString());
  });

  it('puts no visitor id on the bad track that is none', () => {
    const { bad } = readHits(body(viewed(1, { visitorId: 'not\u0000one' })));
    expect(bad).toMatchObject([
      { data: { key: null, reason: expect.stringMatching(/^visitorId/) } },
    ]);
  });

  it('drops what no contract names', () => {
    const [event] = readHits(body(viewed(1, { optedOut: false, admin: true }))).kept;
    expect(event?.data).not.toHaveProperty('admin');
  });
});
