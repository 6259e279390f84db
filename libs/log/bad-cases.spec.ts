import { badTrackOf, OPERATOR } from '#contracts/bad';
import { stream } from '#contracts/contract';
import type { NewEvent } from '#contracts/contract';
import { BadCases, parseAt, textOf } from './bad-cases.ts';
import { encode, TYPE_HEADER } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';

const { RecordRefused, RecordRetried, RecordDiscarded } = badTrackOf(
  stream('lost-parcels', { key: 'id' }).name,
);
const track = 'lost-parcels.bad';
const id = `${track}-2/0`;

const refused = RecordRefused({
  group: 'shop.cart',
  reason: 'no',
  topic: 'lost-parcels',
  partition: 3,
  offset: '1042',
  key: null,
  value: 'Pw==',
  attempts: 1,
});

function record(event: NewEvent, offset: number, eventId = `e${offset}`): IncomingRecord {
  const cause = { correlationId: 'story', causationId: 'cause' };
  const by = { id: eventId, source: OPERATOR, time: 0, cause, lane: null, sequence: null };
  const headers = { [TYPE_HEADER]: event.type };
  const value = Buffer.from(encode(event, by).value);
  return { offset, timestamp: offset, key: null, value, headers };
}

function read(records: readonly IncomingRecord[], valueOf?: string): BadCases {
  const cases = new BadCases(valueOf);
  for (const each of records) cases.take(track, 2, each);
  return cases;
}

it('has a refused record under its place, open until somebody decides', () => {
  const found = read([record(refused, 0)]).byId.get(id);
  expect(found).toMatchObject({ id, correlationId: 'story', causationId: 'cause', settled: null });
});

it('keeps the first decision, whoever comes after', () => {
  const cases = read([
    record(refused, 0),
    record(RecordRetried({ refused: id, by: 'eve' }), 1),
    record(RecordDiscarded({ refused: id, by: 'bob', why: 'no use' }), 2),
    record(RecordRetried({ refused: `${track}-2/9`, by: 'bob' }), 3),
  ]);
  expect(cases.byId.get(id)!.settled).toEqual({
    how: 'retried',
    by: 'eve',
    why: null,
    time: 1,
    eventId: 'e1',
  });
  expect(cases.byId.size).toBe(1);
});

it('takes a refusal that a lost answer made twice for one', () => {
  const cases = read([record(refused, 0, 'same'), record(refused, 1, 'same')]);
  expect([...cases.byId.keys()]).toEqual([id]);
  expect(cases.repeats.get(`${track}-2/1`)).toBe(id);
});

it('passes over what is no event of the bad track', () => {
  const headers = { [TYPE_HEADER]: 'RecordRefused' };
  const odd = [Buffer.from('?'), Buffer.from('{}'), null].map((value, offset) => {
    return { offset, timestamp: 0, key: null, value, headers };
  });
  expect(read(odd).byId.size).toBe(0);
});

it('keeps the bytes of the one that is asked for only', () => {
  const records = [record(refused, 0), record(refused, 1)];
  const values = [...read(records, id).byId.values()].map(({ data }) => data.value);
  expect(values).toEqual(['Pw==', '']);
});

it('reads a place as it writes it, in topics with dots and hyphens too', () => {
  const at = { topic: 'stock-levels.v1.bad', partition: 2, offset: 17 };
  expect(textOf(at)).toBe('stock-levels.v1.bad-2/17');
  expect(parseAt(textOf(at))).toEqual(at);
  for (const text of ['', '17', 'a-1', 'a/1', '-1/2', 'a-x/2', 'a-1/-2']) {
    expect(parseAt(text)).toBeUndefined();
  }
});
