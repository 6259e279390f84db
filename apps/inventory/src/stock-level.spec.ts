import { StockRefused, StockReserved } from '#contracts/orders';
import {
  GoodsDelivered,
  StockCommitted,
  StockLevelChanged,
  StockReleaseRequested,
  StockRequested,
} from '#contracts/stock';
import { scenario } from '#testing/scenario';
import { stockLevel } from './stock-level.ts';
import type { StockLevel } from './stock-level.ts';

const sku = 'KETTLE-1';
const orderId = 'order-0001';
const other = 'order-0002';

const delivered = (quantity: number, deliveryId = 'delivery-1') =>
  GoodsDelivered({ sku, quantity, deliveryId, supplier: 'Kettles & Co' });
const requested = (quantity: number, order = orderId) =>
  StockRequested({ sku, orderId: order, quantity });
const released = (order = orderId) => StockReleaseRequested({ sku, orderId: order });
const committed = (order = orderId) => StockCommitted({ sku, orderId: order });
const reserved = (quantity: number, order = orderId) =>
  StockReserved({ sku, orderId: order, quantity });
const refused = (quantity: number, onHand: number, order = orderId) =>
  StockRefused({ sku, orderId: order, quantity, onHand });
const level = (onHand: number, held: number) => StockLevelChanged({ sku, onHand, reserved: held });

describe('stock level', () => {
  it('counts what is delivered', () => {
    scenario(stockLevel)
      .when(delivered(3), delivered(4, 'delivery-2'))
      .expect(level(3, 0), level(7, 0));
  });

  it('counts a delivery told twice once', () => {
    scenario(stockLevel).given(delivered(3)).when(delivered(3)).expect();
  });

  it('reserves what is on hand, to the last piece', () => {
    scenario(stockLevel).given(delivered(3)).when(requested(3)).expect(reserved(3), level(0, 3));
  });

  it('refuses what is not on hand, and says how much is', () => {
    scenario(stockLevel).given(delivered(3)).when(requested(5)).expect(refused(5, 3));
  });

  it('refuses a product that never came', () => {
    scenario(stockLevel).when(requested(1)).expect(refused(1, 0));
  });

  it('does not promise to one order what is set aside for another', () => {
    scenario(stockLevel)
      .given(delivered(3), requested(2))
      .when(requested(2, other))
      .expect(refused(2, 1, other));
  });

  it('lets an answer stand when it is asked again', () => {
    scenario(stockLevel).given(delivered(3), requested(2)).when(requested(2)).expect();
    scenario(stockLevel).given(requested(2), delivered(3)).when(requested(2)).expect();
  });

  it('gives a released reservation back, once', () => {
    scenario(stockLevel)
      .given(delivered(3), requested(2))
      .when(released(), released())
      .expect(level(3, 0));
  });

  it('lets a committed reservation leave, once', () => {
    scenario(stockLevel)
      .given(delivered(3), requested(2))
      .when(committed(), committed())
      .expect(level(1, 0));
  });

  it('releases nothing that is committed, and commits nothing that is released', () => {
    scenario(stockLevel).given(delivered(3), requested(2), committed()).when(released()).expect();
    scenario(stockLevel).given(delivered(3), requested(2), released()).when(committed()).expect();
  });

  it('reserves nothing for an order that was released, refused or committed before', () => {
    scenario(stockLevel).given(delivered(3), released()).when(requested(2)).expect();
    scenario(stockLevel).given(delivered(3), requested(2), committed()).when(requested(1)).expect();
  });

  it('keeps the reservations of different orders apart', () => {
    scenario(stockLevel)
      .given(delivered(5), requested(2), requested(1, other))
      .when(released())
      .expect(level(4, 1))
      .expectState(sku, {
        onHand: 4,
        reserved: { [other]: 1 },
        deliveries: ['delivery-1'],
        settled: [orderId],
      });
  });

  it('takes an order id that is a word of the language for an order', () => {
    scenario(stockLevel)
      .given(delivered(3))
      .when(requested(2, 'constructor'), committed('constructor'))
      .expect(reserved(2, 'constructor'), level(1, 2), level(1, 0));
  });
});

describe('limits of what is remembered', () => {
  const empty: StockLevel = { onHand: 0, reserved: {}, deliveries: [], settled: [] };
  const names = (count: number) => Array.from({ length: count }, (_, i) => `past-${i}-order`);
  const on = (state: StockLevel, event: ReturnType<typeof requested | typeof delivered>) =>
    stockLevel.on(
      state,
      { ...event, id: 'test', source: 'test', time: 0, correlationId: 'test' },
      null,
    );

  it('forgets the oldest delivery after a thousand', () => {
    const decision = on({ ...empty, deliveries: names(1000) }, delivered(1));
    expect(decision?.state?.deliveries).toEqual([...names(1000).slice(1), 'delivery-1']);
  });

  it('forgets the oldest settled order after two hundred', () => {
    const decision = on({ ...empty, settled: names(200) }, requested(1));
    expect(decision?.state?.settled).toEqual([...names(200).slice(1), orderId]);
  });

  it('refuses when ten thousand orders hold a reservation', () => {
    const held = Object.fromEntries(names(10_000).map((name) => [name, 1]));
    const decision = on({ ...empty, onHand: 5, reserved: held }, requested(1));
    expect(decision?.append).toEqual([refused(1, 0)]);
  });
});
