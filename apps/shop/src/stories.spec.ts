import type { LogEvent, NewEvent } from '#contracts/contract';
import { OrderSubmitted, StockReserved } from '#contracts/orders';
import { GoodsDelivered, StockRequested } from '#contracts/stock';
import { CartCheckedOut, ItemAddedToCart, ModelPromoted } from '#contracts/visitors';
import { partitionOf } from '#log/partition';
import { SCENARIO_START } from '#testing/scenario';
import { jsonOf, MAX_EVENTS_EACH, Stories } from './stories.ts';

const [ada, bob] = ['visitor-ada', 'visitor-bob'];
const [sku, orderId] = ['MUG-1', 'order-0001'];
const eur = (cents: number) => ({ cents, currency: 'EUR' as const });
const added = (visitorId: string) =>
  ItemAddedToCart({ visitorId, sku, quantity: 1, unitPrice: eur(899) });
const checkedOut = CartCheckedOut({ visitorId: ada, orderId, skus: [sku], total: eur(899) });
const submitted = OrderSubmitted({
  orderId,
  visitorId: ada,
  lines: [{ sku, name: 'Mug', quantity: 1, unitPrice: eur(899) }],
  total: eur(899),
  customer: { name: 'Ada Brook', email: 'ada@example.com', address: '1 Mill Lane' },
});
const requested = StockRequested({ sku, orderId, quantity: 1 });
const reserved = StockReserved({ sku, orderId, quantity: 1 });

/** Everything that lands, on one partition, told by the story it belongs to. */
class World {
  private offset = 0;

  constructor(readonly stories = new Stories()) {}

  land(made: NewEvent, correlationId: string, partition = 0) {
    const offset = this.offset++;
    const { topic, type, key, data } = made;
    const event: LogEvent = {
      type,
      data,
      key,
      id: `${offset}`,
      source: 'shop',
      time: SCENARIO_START,
      correlationId,
      traceparent: undefined,
    };
    const value = Buffer.from(JSON.stringify({ type, data }));
    const record = { offset, timestamp: SCENARIO_START, key: null, value, headers: {} };
    return this.stories.note({ topic, partition, record, event });
  }

  typesOf(visitorId: string): string[] {
    return this.stories.of(visitorId).map((landed) => JSON.parse(landed.json).type);
  }
}

describe('a story', () => {
  it('has what names its visitor, and what came of it on other topics', () => {
    const world = new World();
    world.land(added(ada), 'c-1');
    world.land(checkedOut, 'c-2');
    world.land(submitted, 'c-2');
    expect(world.land(requested, 'c-2')).toMatchObject({ visitorId: ada, landed: [{ offset: 3 }] });
    world.land(reserved, 'c-2');
    expect(world.typesOf(ada)).toEqual([
      'ItemAddedToCart',
      'CartCheckedOut',
      'OrderSubmitted',
      'StockRequested',
      'StockReserved',
    ]);
  });

  it('is for nobody else', () => {
    const world = new World();
    world.land(added(bob), 'c-1');
    world.land(submitted, 'c-2');
    world.land(requested, 'c-2');
    world.land(GoodsDelivered({ sku, quantity: 5, deliveryId: 'd-1', supplier: 'Potters' }), 'c-3');
    expect(world.typesOf(bob)).toEqual(['ItemAddedToCart']);
    expect(world.typesOf('visitor-eve')).toEqual([]);
    expect(world.typesOf(ada)).not.toContain('GoodsDelivered');
  });

  it('has what was read before it was known whose it is', () => {
    const world = new World();
    expect(world.land(requested, 'c-2')).toBeNull();
    expect(world.land(submitted, 'c-2')?.landed.map(({ offset }) => offset)).toEqual([0, 1]);
    expect(world.typesOf(ada)).toEqual(['StockRequested', 'OrderSubmitted']);
  });

  it('begins with the model of its own partition', () => {
    const world = new World();
    const of = partitionOf(ada);
    const model = (name: string) =>
      ModelPromoted({
        model: name,
        intercept: 0,
        coefficients: {},
        threshold: 0.6,
        offer: { percent: 10, validForMs: 1000 },
      });
    for (const partition of [of, of + 1]) world.land(model(`m-${partition}`), 'c-1', partition);
    world.land(added(ada), 'c-2');
    expect(world.typesOf(ada)).toEqual(['ModelPromoted', 'ItemAddedToCart']);
    expect(world.stories.of(ada)[0]!.json).toContain(`"m-${of}"`);
  });

  it('passes over what is bad', () => {
    const record = { offset: 0, timestamp: 0, key: null, value: null, headers: {} };
    expect(new Stories().note({ topic: 'orders', partition: 0, record })).toBeNull();
  });

  it('is one line of JSON, whoever wrote the record', () => {
    const value = Buffer.from('{\r\n  "type": "OrderLost"\n}');
    const stories = new Stories();
    const event = { type: 'OrderLost', data: { visitorId: ada }, correlationId: 'c-1' } as LogEvent;
    const record = { offset: 7, timestamp: 5, key: null, value, headers: {} };
    stories.note({ topic: 'orders', partition: 3, record, event });
    const json = jsonOf(stories.of(ada)[0]!);
    expect(json).not.toMatch(/[\r\n]/);
    expect(JSON.parse(json)).toEqual({
      topic: 'orders',
      partition: 3,
      offset: 7,
      landedAt: 5,
      event: { type: 'OrderLost' },
    });
  });
});

describe('what is kept', () => {
  it('of one visitor ends somewhere', () => {
    const world = new World();
    world.land(submitted, 'c-0');
    for (let i = 1; i <= MAX_EVENTS_EACH; i += 1) world.land(added(ada), `c-${i}`);
    expect(world.typesOf(ada)).toHaveLength(MAX_EVENTS_EACH);
    expect(world.typesOf(ada)).not.toContain('OrderSubmitted');
    expect(world.land(requested, 'c-0')).toBeNull(); // Its story is forgotten with it.
  });

  it('of all together ends with who was quiet longest', () => {
    const length = JSON.stringify({ type: 'ItemAddedToCart', data: added(ada).data }).length;
    const world = new World(new Stories(3 * length));
    world.land(added(ada), 'c-1');
    world.land(added(bob), 'c-2');
    world.land(added(ada), 'c-3');
    world.land(added('visitor-eve'), 'c-4');
    expect([ada, bob, 'visitor-eve'].map((who) => world.typesOf(who).length)).toEqual([2, 0, 1]);
  });
});
