import { LANE_HEADER, TYPE_HEADER } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { hopsOf } from './hops.ts';
import type { Committed } from './hops.ts';

const NOW = Date.UTC(2026, 0, 1);
const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const request = { traceId, spanId: '00f067aa0ba902b7', flags: 1 };
const traceparent = `00-${traceId}-${request.spanId}-01`;

function record(offset: number, lane: string, body: object, timestamp = NOW): IncomingRecord {
  const value = Buffer.from(JSON.stringify({ traceparent, ...body }));
  const headers = { [TYPE_HEADER]: 'Boiled', [LANE_HEADER]: lane };
  return { offset, timestamp, key: null, value, headers };
}
const hops = (group: string, records: IncomingRecord[], bad: { offset: number }[] = []) =>
  hopsOf(
    {
      work: { group, wants: (type: string) => type === 'Boiled' },
      ...{ topic: 'kettles', partition: 2, records, tookMs: 7 },
      done: { progress: { offset: 10 }, bad: bad.map((each) => ({ ...each, reason: 'cold' })) },
    } as unknown as Committed,
    NOW,
  );

it('follows the request that wrote an event', () => {
  const [hop] = hops('kitchen.kettle', [record(3, 'shop:1:kettles-2', { id: 'a' })]);
  expect(hop).toMatchObject({ group: 'kitchen.kettle', parent: request, offset: 3 });
  expect([hop!.from, hop!.to]).toEqual([NOW - 7, NOW]);
});

it('follows the hop that wrote an event, whichever process that was, at whatever try', () => {
  const [first] = hops('kitchen.kettle', [record(3, 'shop:1:kettles-2', { id: 'a' })]);
  const output = record(4, 'kitchen.kettle@kettles-2', { id: 'b', causationid: 'a' });
  const [second] = hops('tea.pot', [output]);
  expect(second!.parent).toEqual({ ...request, spanId: first!.spanId });
  expect(second!.spanId).toMatch(/^[0-9a-f]{16}$/);
  expect(hops('tea.pot', [output])).toEqual([second]);
  expect(hops('tea.cup', [output])[0]!.spanId).not.toBe(second!.spanId);
});

it('says why a record was put on the bad track', () => {
  const both = [record(3, 'x', { id: 'a' }), record(4, 'x', { id: 'b' })];
  expect(hops('g', both, [{ offset: 4 }]).map(({ refused }) => refused)).toEqual([
    undefined,
    'cold',
  ]);
});

it.each([
  ['is not done yet', record(10, 'x', { id: 'a' })],
  ['is old: somebody reads its topic anew', record(3, 'x', { id: 'a' }, NOW - 3_600_000)],
  ['has no trace', record(3, 'x', { id: 'a', traceparent: undefined })],
  ['has a trace that is none', record(3, 'x', { id: 'a', traceparent: '00-1-2-3' })],
  ['cannot be read', { ...record(3, 'x', {}), value: Buffer.from('{') }],
  [
    'is of no interest to the group',
    { ...record(3, 'x', { id: 'a' }), headers: { [TYPE_HEADER]: 'Other' } },
  ],
])('is silent about a record that %s', (_, given) => {
  expect(hops('g', [given])).toEqual([]);
});
