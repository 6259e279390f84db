import { Ajv } from 'ajv';
import { topics } from '#contracts/all';
import { ItemAddedToCart } from '#contracts/visitors';
import { encode } from '#log/envelope';
import { asyncapi } from './asyncapi.ts';

const document: any = asyncapi([...topics().values()], '1.2.3');

/** Every `$ref` of the document. */
function refs(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  return Object.entries(node).flatMap(([name, value]) =>
    name === '$ref' ? [String(value)] : refs(value),
  );
}

function resolve(ref: string): any {
  return ref
    .slice('#/'.length)
    .split('/')
    .reduce((node, name) => node?.[name], document);
}

it('says what it is, in the version of AsyncAPI that it follows', () => {
  expect(document.asyncapi).toBe('3.0.0');
  expect(document.info).toMatchObject({ title: 'Streamside', version: '1.2.3' });
});

it('refers only to what is there, under names that are allowed', () => {
  expect(refs(document).length).toBeGreaterThan(200);
  expect(refs(document).filter((ref) => resolve(ref) === undefined)).toEqual([]);
  const { channels, operations, components } = document;
  const named = [channels, operations, components.messages, components.schemas];
  const names = named.flatMap((map) => Object.keys(map));
  expect(names.filter((name) => !/^[\w.-]+$/.test(name))).toEqual([]);
});

it('has a channel for each topic, with its key and kind', () => {
  expect(Object.keys(document.channels).toSorted()).toEqual([...topics().keys()].toSorted());
  expect(document.channels['stock-levels']).toMatchObject({
    address: 'stock-levels',
    'x-kind': 'table',
    'x-key': 'sku',
    bindings: { kafka: { partitions: 6, topicConfiguration: { 'cleanup.policy': ['compact'] } } },
  });
  expect(document.channels.orders.bindings.kafka.topicConfiguration).toEqual({
    'cleanup.policy': ['delete'],
    'retention.ms': -1,
  });
});

it('says who sends what', () => {
  const sent = (operation: string) =>
    document.operations[operation].messages.map(({ $ref }: any) => $ref.split('/').at(-1));
  expect(sent('shop.orders')).toEqual(['OrderSubmitted']);
  expect(sent('inventory.orders')).toEqual(['StockReserved', 'StockRefused']);
  expect(sent('recommendations.visitors')).toEqual(['TimePassed']);
  expect(sent('any.visitors.bad')).toEqual(['RecordRefused']);
  expect(sent('operator.visitors.bad')).toEqual(['RecordRetried', 'RecordDiscarded']);
  expect(document.operations['shop.stock']).toBeUndefined();
  expect(document.operations['any.visitors']).toBeUndefined();
});

it('lets an operation send only messages of its channel', () => {
  for (const { action, channel, messages } of Object.values<any>(document.operations)) {
    expect(action).toBe('send');
    for (const { $ref } of messages) expect($ref).toContain(`${channel.$ref}/messages/`);
  }
});

it('describes the value of a record as it is on the log', () => {
  const { payload } = document.components.messages['visitors.ItemAddedToCart'];
  const accepts = new Ajv({ strict: false, validateFormats: false }).compile({
    ...payload,
    components: document.components,
  });
  const event = ItemAddedToCart({
    visitorId: 'visitor-1',
    sku: 'SKU-1',
    quantity: 1,
    unitPrice: { cents: 100, currency: 'EUR' },
  });
  const cause = { correlationId: 'c', causationId: 'c' };
  const by = { id: 'i', source: 'shop', time: 0, cause, lane: 'l', sequence: [1, 0] as const };
  const value = JSON.parse(encode(event, by).value);
  expect([accepts(value), accepts.errors]).toEqual([true, null]);
  expect(accepts({ ...value, type: 'ItemRemovedFromCart' })).toBe(false);
  expect(accepts({ ...value, data: { ...value.data, quantity: 0 } })).toBe(false);
  expect(accepts({ ...value, correlationid: undefined })).toBe(false);
});
