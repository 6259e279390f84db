import { audit } from './orders-audit.ts';
import type { Entry } from './orders-audit.ts';
import { withoutRepeats } from './raw-log.ts';
import type { RawEvent } from './raw-log.ts';

const order = (type: string, data: object): Entry => ({ topic: 'orders', type, data });
const stock = (type: string, data: object): Entry => ({ topic: 'stock', type, data });
const level = (data: object): Entry => ({ topic: 'stock-levels', type: 'StockLevelChanged', data });

const A = { orderId: 'A' };
const B = { orderId: 'B' };
const mug = { sku: 'MUG' };

/** Two orders for two of three mugs: A is confirmed, B is short. */
const sound = {
  delivered: stock('GoodsDelivered', { ...mug, quantity: 3, deliveryId: '1' }),
  submittedA: order('OrderSubmitted', { ...A, lines: [{ ...mug, quantity: 2 }] }),
  submittedB: order('OrderSubmitted', { ...B, lines: [{ ...mug, quantity: 2 }] }),
  placedA: order('OrderPlaced', A),
  placedB: order('OrderPlaced', B),
  requestedA: stock('StockRequested', { ...mug, ...A, quantity: 2 }),
  requestedB: stock('StockRequested', { ...mug, ...B, quantity: 2 }),
  reservedA: order('StockReserved', { ...mug, ...A, quantity: 2 }),
  refusedB: order('StockRefused', { ...mug, ...B, quantity: 2, onHand: 1 }),
  confirmedA: order('OrderConfirmed', A),
  rejectedB: order('OrderRejected', { ...B, short: [{ ...mug, requested: 2, onHand: 1 }] }),
  committedA: stock('StockCommitted', { ...mug, ...A }),
  shippedA: order('OrderShipped', A),
  level: level({ ...mug, onHand: 1, reserved: 0 }),
};
type Change = Partial<Record<keyof typeof sound, Entry | null>>;

function problemsOf(change: Change, ...more: Entry[]): string[] {
  const entries = Object.values({ ...sound, ...change }).filter((entry) => entry !== null);
  return audit([...entries, ...more]).problems;
}

test('a sound history has no problem', () => {
  const { decisions, ...rest } = audit(Object.values(sound));
  expect(rest).toEqual({ problems: [], undecided: 0, reservations: 0 });
  expect(decisions).toEqual({ OrderConfirmed: 1, OrderRejected: 1, OrderCancelled: 0 });
});

test('an order without a decision, and its reservation, are counted', () => {
  const { confirmedA: _c, committedA: _d, shippedA: _s, level: _l, ...open } = sound;
  const entries = [...Object.values(open), level({ ...mug, onHand: 1, reserved: 2 })];
  expect(audit(entries)).toMatchObject({ problems: [], undecided: 1, reservations: 1 });
});

test.each<[string, RegExp, string[]]>([
  [
    'decided twice',
    /A is decided 2 times/,
    problemsOf({}, order('OrderCancelled', { ...A, unanswered: [] })),
  ],
  ['placed twice', /A is placed 2 times/, problemsOf({}, sound.placedA)],
  ['never placed', /A is placed 0 times/, problemsOf({ placedA: null })],
  ['shipped twice', /A is shipped 2 times/, problemsOf({}, sound.shippedA)],
  ['shipped though rejected', /B is shipped 1 times/, problemsOf({}, order('OrderShipped', B))],
  ['never submitted', /A was never submitted/, problemsOf({ submittedA: null })],
  ['asked twice', /A asks twice for MUG/, problemsOf({}, sound.requestedA)],
  ['never asked', /A does not ask for its MUG/, problemsOf({ requestedA: null })],
  [
    'asked for what nobody wants',
    /A wants no CUP/,
    problemsOf({}, stock('StockRequested', { ...A, sku: 'CUP', quantity: 1 })),
  ],
  ['answered twice', /A MUG is answered 2 times/, problemsOf({}, sound.reservedA)],
  ['never answered', /B MUG has no answer/, problemsOf({ refusedB: null })],
  [
    'answered unasked',
    /A CUP is answered and was not asked/,
    problemsOf({}, order('StockReserved', { ...A, sku: 'CUP', quantity: 1 })),
  ],
  [
    'reserved what was not there',
    /B MUG should be StockRefused/,
    problemsOf({ refusedB: order('StockReserved', { ...mug, ...B, quantity: 2 }) }),
  ],
  [
    'confirmed without its goods',
    /B is confirmed without its MUG/,
    problemsOf({ rejectedB: order('OrderConfirmed', B) }),
  ],
  [
    'sold more than there was',
    /MUG: sold 4 of 3/,
    problemsOf({ rejectedB: order('OrderConfirmed', B) }),
  ],
  [
    'not committed',
    /A is OrderConfirmed, and its MUG committed: false/,
    problemsOf({ committedA: null }),
  ],
  [
    'committed what is not reserved',
    /B commits MUG, not reserved/,
    problemsOf({}, stock('StockCommitted', { ...mug, ...B })),
  ],
  [
    'kept after a cancellation',
    /A is OrderCancelled and keeps its MUG/,
    problemsOf({
      confirmedA: order('OrderCancelled', { ...A, unanswered: ['MUG'] }),
      committedA: null,
      shippedA: null,
    }),
  ],
  [
    'rejected for the wrong reason',
    /B is rejected for MUG, which was not short by that/,
    problemsOf({
      rejectedB: order('OrderRejected', { ...B, short: [{ ...mug, requested: 2, onHand: 0 }] }),
    }),
  ],
  [
    'a published level that is not the level',
    /MUG is published as 2 \+ 0, not 1 \+ 0/,
    problemsOf({ level: level({ ...mug, onHand: 2, reserved: 0 }) }),
  ],
  [
    'a level below zero',
    /MUG falls below zero/,
    problemsOf({}, level({ ...mug, onHand: -1, reserved: 0 }), sound.level),
  ],
  [
    'a delivery that counts twice',
    /MUG is published as 4 \+ 0, not 1 \+ 0/,
    problemsOf({ level: level({ ...mug, onHand: 4, reserved: 0 }) }, sound.delivered),
  ],
])('the audit finds: %s', (_what, problem, problems) => {
  expect(problems).toContainEqual(expect.stringMatching(problem));
});

describe('repeats on the log', () => {
  const record = (offset: number, lane: string | null, sequence: string, value = sequence) =>
    ({ topic: 'orders', partition: 0, offset, lane, sequence, value }) as RawEvent;

  test('are left out, lane by lane', () => {
    const records = [
      record(0, 'a', '7.0'),
      record(1, 'a', '7.1'),
      record(2, 'b', '1.0'),
      record(3, 'a', '7.0'),
      record(4, 'a', '7.1'),
      record(5, 'a', '10.0'),
    ];
    const { events, repeats, problems } = withoutRepeats(records);
    expect(events.map(({ offset }) => offset)).toEqual([0, 1, 2, 5]);
    expect([repeats, problems]).toEqual([2, []]);
  });

  test('with other bytes are a problem', () => {
    const { problems } = withoutRepeats([record(0, 'a', '1.0', 'x'), record(1, 'a', '1.0', 'y')]);
    expect(problems).toEqual(['orders-0/1: a 1.0 repeats with other bytes']);
  });

  test('that never came in order are a problem: readers drop what is lost by that', () => {
    const { problems } = withoutRepeats([record(0, 'a', '2.0'), record(1, 'a', '1.0')]);
    expect(problems).toEqual(['orders-0/1: a 1.0 comes too late']);
  });

  test('are unknown of records without a lane', () => {
    expect(withoutRepeats([record(0, null, '1.0'), record(1, null, '1.0')]).events).toHaveLength(2);
  });
});
