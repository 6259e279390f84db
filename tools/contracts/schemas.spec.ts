import { topics } from '#contracts/all';
import { eventsByPath, schemaOf } from './schemas.ts';

const events = [...eventsByPath(topics().values())];

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
