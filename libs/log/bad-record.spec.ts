import { z } from 'zod';
import { badTrackOf, MAX_KEPT_BYTES } from '#contracts/bad';
import { stream } from '#contracts/contract';
import type { NewEvent } from '#contracts/contract';
import { recordOf } from '#testing/scenario';
import {
  ADDRESSEE_HEADER,
  ATTEMPT_HEADER,
  CORRELATION_HEADER,
  LANE_HEADER,
  TYPE_HEADER,
} from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { fold } from './fold.ts';
import type { StateRow } from './state-row.ts';
import { processor } from './processor.ts';

const doors = stream('refused-doors', { key: 'id' });
badTrackOf(doors.name);
const Knocked = doors.event(
  'Knocked',
  '',
  { writer: 'test', numbered: true },
  { id: z.string(), tab: z.string(), hit: z.int(), n: z.int().max(99) },
);

/** Counts knocks; `strict` refuses negative ones, as a fold with a fault would. */
const counter = (strict: boolean) =>
  processor({
    name: 'test.doors',
    reads: [Knocked],
    state: z.object({ n: z.int() }),
    initial: { n: 0 },
    on(state, { data: { n } }) {
      if (strict && n < 0) throw new Error('n must not be negative');
      return { state: { n: state.n + Math.abs(n) } };
    },
    wake() {
      throw new Error('too late');
    },
  });

const knock = (hit: number, n: number) => Knocked({ id: 'd', tab: 't', hit, n });
const at = (offset: number, event: NewEvent, lane = 'test') =>
  recordOf(event, { offset, timestamp: offset, lane });

function run(
  records: readonly IncomingRecord[],
  { strict = true, skips = new Map<number, string>(), rows = new Map<string, StateRow>() } = {},
) {
  const progress = { offset: 0, index: 0, time: 0, shared: null, lanes: new Map() };
  const outcome = fold({
    processor: counter(strict),
    partition: 0,
    progress,
    rows,
    records,
    skips,
  });
  const told = outcome.append.map(({ value }) => JSON.parse(value));
  const state = outcome.rows.get('d')?.row.state ?? null;
  return { ...outcome, told, n: state === null ? null : JSON.parse(state).n };
}

/** As the bad track sends it again. */
const again = (offset: number, event: NewEvent): IncomingRecord => {
  const record = at(offset, event, 'bad:refused-doors.bad-0/1');
  const headers = { [ADDRESSEE_HEADER]: 'test.doors', [ATTEMPT_HEADER]: '2' };
  return { ...record, headers: { ...record.headers, ...headers } };
};

describe('what is told of a refused record', () => {
  it('is its type, its size, and the story it belongs to', () => {
    const record = at(0, knock(1, -1));
    const [{ data, correlationid, causationid }] = run([record]).told;
    expect(data).toMatchObject({ attempts: 1, type: 'Knocked', size: record.value!.length });
    expect({ correlationid, causationid }).toEqual({
      correlationid: 'test/0',
      causationid: 'refused-doors-0/0',
    });
  });

  it.each<[string, Partial<IncomingRecord>, object]>([
    ['no value', { value: null }, { size: null, value: '' }],
    ['an empty one', { value: Buffer.alloc(0) }, { size: 0, value: '' }],
    [
      'more than is kept twice',
      { value: Buffer.alloc(MAX_KEPT_BYTES + 1, 'x') },
      { size: MAX_KEPT_BYTES + 1, value: '' },
    ],
    ['no type', { headers: {}, value: Buffer.from('?') }, { type: null, value: 'Pw==' }],
    [
      'U+0000 in key and type',
      {
        key: Buffer.from('a\0b'),
        value: Buffer.from('{"type":"A\\u0000"}'),
        headers: { [TYPE_HEADER]: 'Knocked' },
      },
      { key: 'a b', type: 'Knocked' },
    ],
  ])('fits its contract with %s', (_, odd, data) => {
    const record = { ...at(0, knock(1, 1)), ...odd };
    const { told, bad } = run([record]);
    expect(bad).toHaveLength(1);
    expect(told[0].data).toMatchObject(data);
    expect(told[0].correlationid).toBe('refused-doors-0/0');
  });

  it('stays under the limit of the broker, however long it is', () => {
    const value = Buffer.alloc(MAX_KEPT_BYTES, 1);
    const key = Buffer.alloc(2000, 1);
    const [refused] = run([{ ...at(0, knock(1, 1)), key, value }]).append;
    expect(Buffer.byteLength(refused!.value)).toBeLessThan(1_000_000);
  });

  it('goes on with the story and the count when it was sent again', () => {
    const record = { ...again(7, knock(1, -1)), value: Buffer.from('?') };
    const headers = { ...record.headers, [CORRELATION_HEADER]: 'the story' };
    const [{ data, correlationid, causationid }] = run([{ ...record, headers }]).told;
    expect(data).toMatchObject({ attempts: 2, offset: '7' });
    expect(correlationid).toBe('the story');
    expect(causationid).toBe('refused-doors-0/7');
  });

  it('is a timer that never was a record', () => {
    const row = { state: '{"n":1}', wakeAt: 3, lookAt: 3, hits: null, cause: '{}' };
    const rows = new Map([['d', row]]);
    const { told } = run([at(5, knock(1, 1))], { rows });
    expect(told[0].data).toMatchObject({ offset: null, partition: 0, key: 'd' });
  });
});

describe('a record that was refused', () => {
  const sameLane = (offset: number) => {
    const record = at(0, knock(1, -3));
    return { ...record, offset };
  };

  it('is not read when it comes twice, in the first run nor in a rebuild with a mended fold', () => {
    const records = [sameLane(1), sameLane(2)];
    const first = run(records);
    expect(first.bad).toEqual([{ offset: 1, reason: 'n must not be negative', kind: 'fold' }]);
    const skips = new Map(first.bad.map(({ offset, reason }) => [offset, reason]));
    const rebuilt = run(records, { skips, strict: false });
    expect(rebuilt.bad).toEqual([{ ...first.bad[0], kind: 'skipped' }]);
    expect(rebuilt.n).toBe(first.n);
    expect(rebuilt.lanes).toEqual(first.lanes);
  });

  it('does not move its lane when it is not what it says it is', () => {
    const forged = { ...at(9, knock(1, 1)), value: Buffer.from('?') };
    const records = [
      { ...forged, offset: 0 },
      { ...at(1, knock(2, 5)), offset: 1 },
    ];
    expect(forged.headers[LANE_HEADER]).toBe('test');
    expect(run(records).n).toBe(5);
    expect(run(records, { skips: new Map([[0, 'the record is not JSON']]) }).n).toBe(5);
  });
});

describe('a hit that is sent again', () => {
  const hits = (count: number) => Array.from({ length: count }, (_, i) => at(i, knock(i + 2, 1)));

  it('counts, even when its tab went on for long', () => {
    expect(run([...hits(40), again(50, knock(1, 5))]).n).toBe(45);
  });

  it('does not when it came after all', () => {
    expect(run([at(0, knock(1, 5)), again(1, knock(1, 5))]).n).toBe(5);
  });

  it('is still dropped when nobody sent it on purpose', () => {
    expect(run([...hits(40), at(50, knock(1, 5))]).n).toBe(40);
  });
});
