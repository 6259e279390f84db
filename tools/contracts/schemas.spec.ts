import { Ajv } from 'ajv';
import { topics } from '#contracts/all';
import { seeded } from '#testing/golden';
import { sampleOf } from './sample.ts';
import { eventsByPath, schemaOf } from './schemas.ts';

const events = [...eventsByPath(topics().values())];
const random = seeded(4);
/** Nothing of this is right everywhere, and little of it anywhere. */
const oddities = [null, -1, 0, 1.5, 2 ** 60, '', 'x'.repeat(5000), 'a\u0000', 'lower', {}, [], [1]];

/** A copy in which one value, at any depth, is another; or is not there. */
function changed(value: any): unknown {
  if (typeof value !== 'object' || value === null || random() < 0.2) {
    return oddities[Math.floor(random() * oddities.length)];
  }
  const keys = Object.keys(value);
  const key = keys[Math.floor(random() * keys.length)];
  const copy = Array.isArray(value) ? [...value] : { ...value };
  if (key === undefined) return copy;
  if (random() < 0.2 && !Array.isArray(copy)) delete copy[key];
  else copy[key] = changed(copy[key]);
  return copy;
}

it.each(events)('%s accepts what the contract accepts, and nothing else', (_, event) => {
  const accepts = new Ajv({ strict: false, validateFormats: false }).compile(schemaOf(event));
  for (let i = 0; i < 40; i += 1) {
    const good = sampleOf(schemaOf(event), random);
    expect({ good, accepted: accepts(good) }).toEqual({ good, accepted: true });
    expect(event.schema.safeParse(good).error?.issues).toBeUndefined();
    const odd = changed(good);
    const { success } = event.schema.safeParse(odd);
    expect({ odd, accepted: accepts(odd) }).toEqual({ odd, accepted: success });
  }
});

it('says one schema once, where the same event is on every topic', () => {
  const paths = events.map(([path]) => path);
  expect(paths.filter((path) => path.includes('TimePassed'))).toEqual([
    'every-stream/TimePassed.1.json',
  ]);
  expect(paths.filter((path) => path.includes('RecordRefused'))).toEqual([
    'every-bad-track/RecordRefused.1.json',
  ]);
});

it('names the record key, and none for a broadcast', () => {
  const keys = Object.fromEntries(events.map(([path, event]) => [path, schemaOf(event)['x-key']]));
  expect(keys['orders/OrderPlaced.1.json']).toBe('orderId');
  expect(keys['visitors/ModelPromoted.1.json']).toBeNull();
});
