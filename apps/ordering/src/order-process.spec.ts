import {
  OrderCancelled,
  OrderConfirmed,
  OrderPlaced,
  OrderRejected,
  OrderShipped,
  OrderSubmitted,
  StockRefused,
  StockReserved,
} from '#contracts/orders';
import { StockCommitted, StockReleaseRequested, StockRequested } from '#contracts/stock';
import { scenario, SCENARIO_START } from '#testing/scenario';
import { orderProcess } from './order-process.ts';

const orderId = 'order-0001';
const visitorId = 'visitor-0001';
const order = { orderId, visitorId };
const kettle = 'KETTLE-1';
const mug = 'MUG-1';
const second = 1000;
const day = 86_400 * second;

const eur = (cents: number) => ({ cents, currency: 'EUR' as const });
const submitted = OrderSubmitted({
  ...order,
  lines: [
    { sku: kettle, name: 'Kettle', quantity: 1, unitPrice: eur(2999) },
    { sku: mug, name: 'Mug', quantity: 4, unitPrice: eur(899) },
  ],
  total: eur(6595),
  customer: { name: 'Ada', email: 'ada@example.com', address: '1 Mill Lane' },
});
const kettleReserved = StockReserved({ orderId, sku: kettle, quantity: 1 });
const mugReserved = StockReserved({ orderId, sku: mug, quantity: 4 });
const kettleRefused = StockRefused({ orderId, sku: kettle, quantity: 1, onHand: 0 });
const mugRefused = StockRefused({ orderId, sku: mug, quantity: 4, onHand: 3 });
const kettleReleased = StockReleaseRequested({ sku: kettle, orderId });
const mugReleased = StockReleaseRequested({ sku: mug, orderId });
const kettleShort = { sku: kettle, requested: 1, onHand: 0 };
const mugShort = { sku: mug, requested: 4, onHand: 3 };

const placed = () => scenario(orderProcess).given(submitted);
const confirmed = () => placed().given(kettleReserved, mugReserved);

describe('an order is placed', () => {
  it('asks for stock for each line, with a deadline', () => {
    scenario(orderProcess)
      .when(submitted)
      .expect(
        OrderPlaced({ ...order, deadlineAt: SCENARIO_START + 30 * second }),
        StockRequested({ sku: kettle, orderId, quantity: 1 }),
        StockRequested({ sku: mug, orderId, quantity: 4 }),
      );
  });

  it('once, however often it is submitted', () => {
    placed().when(submitted).expect();
    confirmed().when(submitted).expect();
  });

  it('waits for the answer of every line', () => {
    placed().when(kettleReserved).expect();
    placed().when(mugRefused).expect();
  });
});

describe('every line is reserved', () => {
  it('confirms the order and commits each line', () => {
    placed()
      .when(mugReserved, kettleReserved)
      .expect(
        OrderConfirmed(order),
        StockCommitted({ sku: kettle, orderId }),
        StockCommitted({ sku: mug, orderId }),
      )
      .expectState(orderId, { status: 'confirmed', visitorId });
  });

  it('takes the same answer twice for one', () => {
    placed().when(kettleReserved, kettleReserved).expect();
    confirmed().when(mugReserved, mugRefused).expect();
  });

  it('lets the first answer for a line stand', () => {
    placed()
      .given(kettleReserved, kettleRefused)
      .when(mugReserved)
      .expect(
        OrderConfirmed(order),
        StockCommitted({ sku: kettle, orderId }),
        StockCommitted({ sku: mug, orderId }),
      );
  });

  it('passes over an answer for a line that is not in the order', () => {
    placed()
      .given(kettleReserved)
      .when(StockReserved({ orderId, sku: 'LAMP-1', quantity: 1 }))
      .expect();
  });

  it('ships a minute later, and not again at the deadline', () => {
    confirmed()
      .after(30 * second)
      .expect()
      .after(30 * second)
      .expect(OrderShipped(order))
      .expectState(orderId, { status: 'shipped' });
  });

  it('is forgotten a day after it was shipped', () => {
    confirmed()
      .after(60 * second)
      .after(day)
      .expectState(orderId, null);
  });
});

describe('a line is short', () => {
  it('rejects the order with every short line', () => {
    placed()
      .when(mugRefused, kettleRefused)
      .expect(OrderRejected({ ...order, short: [kettleShort, mugShort] }))
      .expectState(orderId, { status: 'rejected' });
  });

  it('releases the lines that were reserved', () => {
    placed()
      .when(kettleReserved, mugRefused)
      .expect(OrderRejected({ ...order, short: [mugShort] }), kettleReleased);
  });

  it('rejects at the deadline when another line is unanswered, and releases that unseen', () => {
    placed()
      .given(mugRefused)
      .after(30 * second)
      .expect(OrderRejected({ ...order, short: [mugShort] }), kettleReleased);
  });

  it('is forgotten after a day', () => {
    placed().given(mugRefused, kettleRefused).after(day).expect().expectState(orderId, null);
  });
});

describe('the stock does not answer', () => {
  it('cancels at the deadline and releases what may be reserved', () => {
    placed()
      .given(kettleReserved)
      .after(30 * second - 1)
      .expect()
      .after(1)
      .expect(OrderCancelled({ ...order, unanswered: [mug] }), kettleReleased, mugReleased)
      .expectState(orderId, { status: 'cancelled' });
  });

  it('decides once: answers after the decision change nothing', () => {
    placed()
      .given(kettleReserved)
      .after(30 * second)
      .given()
      .when(mugRefused)
      .expect()
      .expectState(orderId, { status: 'cancelled' });
  });
});

describe('a reservation comes too late', () => {
  it('is released after a cancellation', () => {
    placed()
      .after(30 * second)
      .given()
      .when(mugReserved)
      .expect(mugReleased);
  });

  it('is released after a rejection', () => {
    placed()
      .given(mugRefused)
      .after(30 * second)
      .given()
      .when(kettleReserved)
      .expect(kettleReleased);
  });

  it('is released when the order is forgotten', () => {
    placed()
      .after(30 * second)
      .after(day)
      .given()
      .when(mugReserved)
      .expect(mugReleased);
  });

  it('is not taken out of an order that was shipped', () => {
    confirmed()
      .after(60 * second)
      .given()
      .when(mugReserved)
      .expect();
  });
});
