import { Delivery, goodsOf } from './delivery.ts';

const delivery = { deliveryId: 'D-1', supplier: 'Potters', items: [{ sku: 'MUG-1', quantity: 5 }] };
const fieldOf = (body: unknown) => Delivery.safeParse(body).error?.issues[0]?.path.join('.');

describe('a delivery', () => {
  it('is one event for each product, all with its id', () => {
    const items = [...delivery.items, { sku: 'MUG-2', quantity: 7 }];
    expect(goodsOf({ ...delivery, items })).toMatchObject([
      { topic: 'stock', key: 'MUG-1', data: { quantity: 5, deliveryId: 'D-1' } },
      { topic: 'stock', key: 'MUG-2', data: { quantity: 7, deliveryId: 'D-1' } },
    ]);
  });

  it.each([
    ['deliveryId', { ...delivery, deliveryId: '' }],
    ['items', { ...delivery, items: [] }],
    ['items', { ...delivery, items: [...delivery.items, ...delivery.items] }],
    ['items.0.quantity', { ...delivery, items: [{ sku: 'MUG-1', quantity: 0 }] }],
    ['', null],
  ])('is refused for its field %j', (field, body) => {
    expect(fieldOf(body)).toBe(field);
  });
});
