import { z } from 'zod';
import { badTrackOf } from './bad.ts';
import {
  allPartitions,
  check,
  declarationOf,
  eventTypeOf,
  InvalidEvent,
  mayWrite,
  stream,
  table,
  topics,
} from './contract.ts';
import { CouponCode, Money, OrderId, Quantity, Sku, text, VisitorId } from './values.ts';

const parcels = stream('parcels', { key: 'parcelId', timers: ['shop'] });
const ParcelSent = parcels.event(
  'ParcelSent',
  'A parcel left the house.',
  { writer: ['shop', 'ordering'] },
  {
    parcelId: z.string().min(3),
    weightGrams: z.int().positive(),
    fragile: z.boolean().default(false),
  },
);
const RouteChanged = parcels.event(
  'RouteChanged',
  'All parcels go another way.',
  { writer: '*', broadcast: true },
  { route: z.string() },
);

describe('an event type', () => {
  it('makes events that are checked, with defaults and key', () => {
    const data = { parcelId: 'p-1', weightGrams: 5 };
    expect(ParcelSent(data)).toEqual({
      type: 'ParcelSent',
      version: 1,
      topic: 'parcels',
      key: 'p-1',
      data: { ...data, fragile: false },
    });
  });

  it('names the field that does not fit, and not its value', () => {
    const wrong = { parcelId: 'secret', weightGrams: -77 };
    expect(() => ParcelSent(wrong)).toThrow(InvalidEvent);
    expect(() => ParcelSent(wrong)).toThrow(/^ParcelSent: weightGrams: /);
    expect(() => ParcelSent(wrong)).not.toThrow(/-77|secret/);
    expect(() => ParcelSent('p-1' as never)).toThrow(/^ParcelSent: \(body\): /);
  });

  it('drops fields that it does not declare, so that new writers do not break old readers', () => {
    const data = check('ParcelSent', ParcelSent.schema, {
      parcelId: 'p-1',
      weightGrams: 5,
      colour: 'red',
    });
    expect(data).not.toHaveProperty('colour');
  });

  it('has no key when it is a broadcast, or when its topic has none', () => {
    expect(RouteChanged({ route: 'north' }).key).toBeNull();
    const notes = stream('notes', { key: null });
    const NoteTaken = notes.event('NoteTaken', 'A note.', { writer: 'shop' }, { note: text(10) });
    expect(NoteTaken({ note: 'a' }).key).toBeNull();
  });

  it('is written by whom it names, or by everybody', () => {
    expect(['shop', 'ordering', 'feedback'].filter((s) => mayWrite(ParcelSent, s))).toEqual([
      'shop',
      'ordering',
    ]);
    expect(mayWrite(RouteChanged, 'feedback')).toBe(true);
  });

  it('is found by topic and type', () => {
    expect(eventTypeOf('parcels', 'ParcelSent')).toBe(ParcelSent);
    expect(eventTypeOf('parcels', 'ParcelLost')).toBeUndefined();
    expect(eventTypeOf('nowhere', 'ParcelSent')).toBeUndefined();
    const lost = { ...ParcelSent({ parcelId: 'p-1', weightGrams: 5 }), type: 'ParcelLost' };
    expect(() => declarationOf(lost)).toThrow('ParcelLost is not declared on parcels.');
  });
});

describe('a topic', () => {
  it('is declared once, and so is each of its events', () => {
    expect(() => stream('parcels', { key: null })).toThrow('The topic parcels is declared twice.');
    expect(() => parcels.event('ParcelSent', '', { writer: '*' }, {})).toThrow(
      'parcels declares ParcelSent twice.',
    );
  });

  it('lets time pass for everybody when it is a stream with a key, and only then', () => {
    const shelves = table('shelves', { key: 'sku' });
    const words = stream('words', { key: null });
    expect({ ...parcels.events.get('TimePassed') }).toMatchObject({
      broadcast: true,
      writers: ['*'],
    });
    expect([...shelves.events.keys(), ...words.events.keys()]).toEqual([]);
  });

  it('has a bad track, always the same', () => {
    const { topic, RecordRefused } = badTrackOf('parcels');
    expect(topic).toMatchObject({ name: 'parcels.bad', kind: 'stream', keyField: null });
    expect(badTrackOf('parcels').RecordRefused).toBe(RecordRefused);
    expect(topics().get('parcels.bad')).toBe(topic);
  });

  it('has the partitions that all have', () => {
    expect(allPartitions).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('values', () => {
  it.each<[string, z.ZodType, unknown[], unknown[]]>([
    ['text', text(3), ['', 'abc', 'é\n'], ['abcd', 'a\u0000', 1]],
    [
      'VisitorId',
      VisitorId,
      ['a-visitor', 'x'.repeat(64)],
      ['seven-7', 'with space', 'x'.repeat(65)],
    ],
    ['OrderId', OrderId, ['an-order-1'], ['an_order_1', '']],
    ['Sku', Sku, ['AB', 'MUG-01'], ['A', 'mug-01', '-AB', 'A'.repeat(33)]],
    ['CouponCode', CouponCode, ['SAVE-10'], ['ABC', 'save-10']],
    ['Quantity', Quantity, [1, 1_000_000], [0, 1.5, 1_000_001, '1']],
    [
      'Money',
      Money,
      [{ cents: 0, currency: 'EUR' }],
      [
        { cents: -1, currency: 'EUR' },
        { cents: 0.5, currency: 'EUR' },
        { cents: 1, currency: 'USD' },
      ],
    ],
  ])('%s', (_, schema, right, wrong) => {
    expect(right.filter((value) => !schema.safeParse(value).success)).toEqual([]);
    expect(wrong.filter((value) => schema.safeParse(value).success)).toEqual([]);
  });
});
