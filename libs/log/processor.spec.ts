import { z } from 'zod';
import { stream, table } from '#contracts/contract';
import { processor } from './processor.ts';

const id = { id: z.string() };
const kettles = stream('processed-kettles', { key: 'id' });
const KettleFilled = kettles.event('KettleFilled', '', { writer: 'kitchen' }, id);
const KettleBoiled = kettles.event('KettleBoiled', '', { writer: ['kitchen', 'garden'] }, id);
const KettleSold = kettles.event('KettleSold', '', { writer: 'shop' }, id);
const HeatChanged = kettles.event('HeatChanged', '', { writer: '*', broadcast: true }, {});
const cups = stream('processed-cups', { key: 'id' });
const CupFilled = cups.event('CupFilled', '', { writer: 'kitchen' }, id);
const prices = table('processed-prices', { key: 'id' });
const PriceChanged = prices.event('PriceChanged', '', { writer: 'shop' }, id);

const State = z.object({ cups: z.int() });
const options = { name: 'kitchen.kettle', reads: [KettleFilled], state: State, initial: null };
const on = () => undefined;

it('knows its service, its topic and what it reads and appends', () => {
  const made = processor({ ...options, appends: [KettleBoiled], on });
  expect(made).toMatchObject({ name: 'kitchen.kettle', service: 'kitchen', version: 1 });
  expect(made.topic).toBe(kettles);
  expect([...made.reads]).toEqual([['KettleFilled', KettleFilled]]);
  expect([...made.appends]).toEqual([KettleBoiled]);
  expect(made.wake({ cups: 1 }, 0, 'k', null)).toBeUndefined();
});

it('may read a table, as a view', () => {
  expect(processor({ ...options, reads: [PriceChanged], on }).topic).toBe(prices);
});

it.each<[string, () => unknown]>([
  [
    'The processor kitchen.kettle reads no event; name at least one.',
    () => processor({ ...options, reads: [], on }),
  ],
  [
    'reads processed-kettles and processed-cups: two topics have no order between them',
    () => processor({ ...options, reads: [KettleFilled, CupFilled], on }),
  ],
  [
    'reads the table processed-prices and appends: a compacted table does not keep the history',
    () => processor({ ...options, reads: [PriceChanged], appends: [KettleBoiled], on }),
  ],
  [
    'kitchen.kettle appends KettleSold, which only shop may write. Name kitchen as its writer',
    () => processor({ ...options, appends: [KettleBoiled, KettleSold], on }),
  ],
  [
    'shop.kettle waits for moments on processed-kettles, where shop has no timers. Name shop',
    () => processor({ ...options, name: 'shop.kettle', on, wake: on }),
  ],
])('is refused: %s', (sentence, declare) => {
  expect(declare).toThrow(sentence);
});

it('is refused when it reads a broadcast and has nothing to remember it in', () => {
  expect(() => processor({ ...options, reads: [KettleFilled, HeatChanged], on })).toThrow(
    'The processor kitchen.kettle reads the broadcast HeatChanged but shares nothing: ' +
      'declare "shared" and "share", or do not read it.',
  );
});
