import { z } from 'zod';
import { badTrackOf } from '#contracts/bad';
import { stream } from '#contracts/contract';
import type { NewEvent } from '#contracts/contract';
import { seeded } from '#testing/golden';
import { recordOf } from '#testing/scenario';
import type { BadKind } from './bad-record.ts';
import { ADDRESSEE_HEADER, TYPE_HEADER } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import { fold } from './fold.ts';
import type { FoldInput, Outcome, Progress } from './fold.ts';
import type { StateRow } from './state-row.ts';
import { KeptStates } from './kept-states.ts';
import { processor } from './processor.ts';

/** A kettle boils some time after it was filled; how long depends on what all kettles know. */
const kettles = stream('folded-kettles', { key: 'id' });
badTrackOf(kettles.name);
const id = { id: z.string() };
const writer = { writer: 'kitchen' };
const Filled = kettles.event('Filled', '', writer, { ...id, cups: z.int() });
const Touched = kettles.event(
  'Touched',
  '',
  { ...writer, numbered: true },
  { ...id, tab: z.string(), hit: z.int() },
);
const Emptied = kettles.event('Emptied', '', writer, id);
const Boiled = kettles.event('Boiled', '', writer, { ...id, cups: z.int(), at: z.int() });
const Ignored = kettles.event('Ignored', '', writer, id);
const HeatChanged = kettles.event(
  'HeatChanged',
  '',
  { ...writer, broadcast: true },
  { msPerCup: z.int(), note: z.string().optional() },
);
const TimePassed = kettles.events.get('TimePassed')!;

const POISON = 13;
const Kettle = z.object({ cups: z.int().max(50), touched: z.int(), boiled: z.int() });
const Heat = z.object({ msPerCup: z.int().positive() });
const kettle = processor({
  name: 'kitchen.kettle',
  reads: [Filled, Touched, Emptied, HeatChanged],
  appends: [Boiled],
  state: Kettle,
  initial: { cups: 0, touched: 0, boiled: 0 },
  shared: Heat,
  // Keeps more than its codec: what is left in memory must not decide.
  share: (_, { data }) => data as z.output<typeof Heat>,
  on(state, { type, data, time }, heat) {
    if (type === Emptied.type) return { state: null };
    if (type === Touched.type && data.tab === 'refused') throw new Error('refused');
    if (type === Touched.type) return { state: { ...state, touched: state.touched + 1 } };
    const { cups } = data as { cups: number };
    if (cups < 0) return;
    if (cups === POISON) throw new Error('thirteen cups');
    const wakeAt = cups === 0 ? null : time + cups * (heat?.msPerCup ?? 10);
    return { state: { ...state, cups: state.cups + cups }, wakeAt };
  },
  wake(state, at, key, heat) {
    if (state.cups === POISON + 1) throw new Error('fourteen cups');
    const boiled = Boiled({ id: key, cups: state.cups, at });
    const note = heat && 'note' in heat ? [boiled] : [];
    const boilsOn = state.cups > 1;
    return {
      state: { ...state, cups: state.cups - 1, boiled: state.boiled + 1 },
      append: [boiled, ...note],
      wakeAt: boilsOn ? at + 5 : null,
    };
  },
});

interface Run {
  rows: Map<string, StateRow>;
  appended: { id: string; type: string; key: string | null; time: number; data: any }[];
  bad: Outcome['bad'];
  progress: Progress;
  waitsFor?: string;
}

/** Runs records as the delivery loop does; at most `maxTimers` due timers are loaded at a time. */
function run(records: readonly IncomingRecord[], batchSize = 1, maxTimers = 1000): Run {
  let progress: Progress = { offset: 0, index: 0, time: 0, shared: null, lanes: new Map() };
  const result: Run = { rows: new Map(), appended: [], bad: [], progress };
  for (let from = 0; from < records.length; from += batchSize) {
    let batch = records.slice(from, from + batchSize);
    while (batch.length > 0) {
      const { rows } = result;
      const time = batch.reduce((max, { timestamp }) => Math.max(max, timestamp), progress.time);
      const input = { processor: kettle, partition: 2, progress, records: batch };
      const outcome = fold({ ...input, ...loaded(rows, batch, time, maxTimers) });
      take(result, outcome);
      progress = { ...outcome.progress, lanes: new Map(outcome.progress.lanes) };
      if (outcome.waitsFor !== undefined)
        return { ...result, progress, waitsFor: outcome.waitsFor };
      batch = batch.filter(({ offset }) => offset >= progress.offset);
    }
  }
  return { ...result, progress };
}

/** The rows of these keys, and of the first timers that are due. */
function loaded(
  all: ReadonlyMap<string, StateRow>,
  records: readonly IncomingRecord[],
  time: number,
  maxTimers: number,
): Pick<FoldInput, 'rows' | 'horizon'> {
  const due = [...all]
    .filter(([, { lookAt }]) => lookAt !== null && lookAt <= time)
    .map(([key, { lookAt }]) => ({ at: lookAt!, key }))
    .toSorted((a, b) => a.at - b.at || (a.key < b.key ? -1 : 1))
    .slice(0, maxTimers);
  const keys = [...due.map(({ key }) => key), ...records.map(({ key }) => String(key))];
  const rows = keys.flatMap((key) => {
    const row = all.get(key);
    return row ? [[key, row] as const] : [];
  });
  return { rows: new Map(rows), horizon: due.length === maxTimers ? due.at(-1)! : null };
}

function take(result: Run, { rows, append, bad }: Outcome): void {
  for (const [key, saved] of rows) {
    if (saved) result.rows.set(key, saved.row);
    else result.rows.delete(key);
  }
  result.bad.push(...bad);
  for (const { key, value } of append) {
    const { id: eventId, type, time, data } = JSON.parse(value);
    result.appended.push({ id: eventId, type, key, time: Date.parse(time), data });
  }
}

/** Records on one partition, at these log times. */
function log(...events: [NewEvent, number][]): IncomingRecord[] {
  return events.map(([event, timestamp], offset) => recordOf(event, { offset, timestamp }));
}

const stateOf = ({ rows }: Run, key: string) => JSON.parse(rows.get(key)?.state ?? 'null');
const fill = (key: string, cups: number) => Filled({ id: key, cups });
const touch = (key: string, hit: number, tab = 't') => Touched({ id: key, hit, tab });
const tick = TimePassed({});
const boiledOf = ({ appended }: Run) =>
  appended.filter(({ type }) => type === 'Boiled').map(({ key, time }) => `${time} ${key}`);

describe('a record', () => {
  it('that came before changes nothing, whatever its offset', () => {
    const [first] = log([fill('k', 2), 10]);
    const again = { ...first!, offset: 1, timestamp: 11 };
    const once = run([first!]);
    const twice = run([first!, again]);
    expect(twice.rows).toEqual(once.rows);
    expect(twice.progress.offset).toBe(2);
  });

  it('of an offset that was done is passed over', () => {
    const records = log([fill('k', 2), 10], [fill('k', 3), 11]);
    const progress = { ...run(records).progress, lanes: new Map() };
    const outcome = fold({ processor: kettle, partition: 2, progress, rows: new Map(), records });
    expect([outcome.rows.size, outcome.append.length]).toEqual([0, 0]);
  });

  it('of a type that is not read is passed over, known or not', () => {
    const [known, unknown] = log([Ignored({ id: 'k' }), 1], [Ignored({ id: 'k' }), 2]);
    const result = run([known!, { ...unknown!, headers: { [TYPE_HEADER]: 'Lost' } }]);
    expect(result).toMatchObject({ appended: [], bad: [] });
    expect(result.progress).toMatchObject({ offset: 2, time: 2 });
  });

  it('addressed to a group is for that group only', () => {
    const to = (group: string) =>
      log([fill('k', 2), 10]).map((record) => {
        return { ...record, headers: { ...record.headers, [ADDRESSEE_HEADER]: group } };
      });
    expect(stateOf(run(to('shop.offers')), 'k')).toBeNull();
    expect(stateOf(run(to(kettle.name)), 'k')).toMatchObject({ cups: 2 });
  });

  it('in a newer version stops the reader before it, and what went before is done', () => {
    const records = log([fill('k', 1), 10], [fill('k', 9), 30], [fill('k', 9), 31]);
    const body = JSON.parse(records[1]!.value!.toString());
    const value = JSON.stringify({ ...body, dataschema: '/folded-kettles/Filled/2' });
    records[1] = { ...records[1]!, value: Buffer.from(value) };
    const result = run(records, 3);
    expect(result.waitsFor).toBe('Filled has version 2; this service knows 1 and waits.');
    expect(result.progress.offset).toBe(1);
    expect(boiledOf(result)).toEqual(['20 k']);
    expect(result.bad).toEqual([]);
  });
});

describe('log time', () => {
  it('never runs backwards', () => {
    const result = run(log([fill('k', 1), 100], [fill('j', 1), 50]));
    expect(result.progress.time).toBe(100);
    expect(result.rows.get('j')!.wakeAt).toBe(110);
  });

  it('wakes before the first record whose time is not before it, in the order (time, key)', () => {
    const filled = log([fill('b', 3), 0], [fill('a', 3), 0], [fill('c', 1), 1]);
    const upTo = (time: number) => {
      const late = recordOf(Emptied({ id: 'none' }), { offset: 3, timestamp: time });
      return boiledOf(run([...filled, late], 4));
    };
    expect(upTo(10)).toEqual([]);
    expect(upTo(11)).toEqual(['11 c']);
    expect(upTo(30)).toEqual(['11 c', '30 a', '30 b']);
    expect(upTo(40)).toEqual(['11 c', '30 a', '30 b', '35 a', '35 b', '40 a', '40 b']);
  });

  it('wakes with the state before the record, and the record sees what waking did', () => {
    const result = run(log([fill('k', 1), 0], [fill('k', 5), 10]));
    expect(result.appended[0]).toMatchObject({ time: 10, data: { cups: 1, at: 10 } });
    expect(stateOf(result, 'k')).toEqual({ cups: 5, touched: 0, boiled: 1 });
  });

  it('does not wake whom another record set anew, cancelled or forgot', () => {
    const later = run(log([fill('k', 2), 0], [fill('k', 3), 10], [tick, 30]));
    expect(boiledOf(later)).toEqual([]);
    expect(later.rows.get('k')!.wakeAt).toBe(40);
    expect(boiledOf(run(log([fill('k', 2), 0], [fill('k', 0), 10], [tick, 99])))).toEqual([]);
    const forgotten = run(log([fill('k', 2), 0], [Emptied({ id: 'k' }), 10], [tick, 99]));
    expect([boiledOf(forgotten), forgotten.rows.size]).toEqual([[], 0]);
  });

  it('gives an output the time, story and trace of its cause, also when it comes later', () => {
    const [first, second] = log([fill('k', 1), 5], [tick, 50]);
    const body = { ...JSON.parse(first!.value!.toString()), correlationid: 's', traceparent: 'x' };
    const caused = { ...first!, value: Buffer.from(JSON.stringify(body)) };
    const outcomes = [caused, second!].reduce<Outcome[]>((before, record) => {
      const last = before.at(-1);
      const progress = last?.progress ?? run([]).progress;
      const rows = new Map([...(last?.rows ?? [])].map(([key, saved]) => [key, saved!.row]));
      const input = { processor: kettle, partition: 2, progress, rows, records: [record] };
      return [...before, fold(input)];
    }, []);
    expect(JSON.parse(outcomes[1]!.append[0]!.value)).toMatchObject({
      id: 'kitchen.kettle@folded-kettles-2/1.0',
      lane: 'kitchen.kettle@folded-kettles-2',
      sequence: '1.0',
      time: '1970-01-01T00:00:00.015Z',
      source: '/kitchen',
      correlationid: 's',
      causationid: 'test/0',
      traceparent: 'x',
    });
  });
});

it('writes no row when the processor answers nothing', () => {
  const { progress, rows } = run(log([fill('k', 2), 0]));
  const [, , untouched] = log([tick, 0], [tick, 0], [Filled({ id: 'k', cups: -1 }), 1]);
  const input = { processor: kettle, partition: 2, progress, rows, records: [untouched!] };
  expect(fold(input).rows.size).toBe(0);
});

describe('the bad track', () => {
  const good = fill('k', 2);

  it.each<[string, BadKind, (record: IncomingRecord) => IncomingRecord]>([
    ['the record is not JSON', 'unparsable', (record) => ({ ...record, value: Buffer.from('{') })],
    ['the record has no value', 'unparsable', (record) => ({ ...record, value: null })],
    [
      'the record is not a CloudEvent',
      'unparsable',
      (record) => ({ ...record, headers: {}, value: null }),
    ],
    [
      'Filled has no key; folded-kettles needs id',
      'invalid',
      (record) => ({ ...record, key: null }),
    ],
    [
      'Filled was written by shop; only kitchen may write it',
      'invalid',
      (record) => {
        const body = { ...JSON.parse(record.value!.toString()), source: '/shop' };
        return { ...record, value: Buffer.from(JSON.stringify(body)) };
      },
    ],
    ['thirteen cups', 'fold', (record) => recordOf(fill('k', POISON), record)],
  ])(
    'takes a record that can never be processed, and the rest goes on: %s',
    (reason, kind, spoil) => {
      const records = log([good, 10], [good, 11], [good, 12]);
      records[1] = spoil(records[1]!);
      const result = run(records, 3);
      expect(result.bad).toEqual([{ offset: 1, reason, kind }]);
      expect(stateOf(result, 'k').cups).toBe(4);
      const [refused] = result.appended;
      expect(refused).toMatchObject({ type: 'RecordRefused', time: 11 });
      expect(refused!.data).toMatchObject({
        group: 'kitchen.kettle',
        reason,
        topic: kettles.name,
        partition: 2,
        offset: '1',
        value: (records[1]!.value ?? Buffer.alloc(0)).toString('base64'),
      });
    },
  );

  it('takes a record whose state does not fit its codec, and nothing of it is kept', () => {
    const result = run(log([fill('k', 40), 0], [fill('k', 11), 1]));
    expect(result.bad).toMatchObject([{ offset: 1 }]);
    expect(stateOf(result, 'k').cups).toBe(40);
  });

  it('takes a wake-up at no whole millisecond', () => {
    const half = { ...kettle, on: () => ({ wakeAt: 1.5 }) };
    const { progress } = run([]);
    const records = log([fill('k', 1), 0]);
    const outcome = fold({ processor: half, partition: 2, progress, rows: new Map(), records });
    expect(outcome.bad).toMatchObject([{ offset: 0, reason: 'wakeAt is 1.5, not whole ms' }]);
  });

  it('takes a broadcast that nobody can share, and the one before stays in force', () => {
    const slow = HeatChanged({ msPerCup: 100 });
    const result = run(log([slow, 0], [HeatChanged({ msPerCup: -1 }), 1], [fill('k', 1), 2]), 3);
    expect(result.bad).toMatchObject([{ offset: 1 }]);
    expect(result.rows.get('k')!.wakeAt).toBe(102);
  });

  it('takes a timer that throws, once', () => {
    const result = run(log([fill('k', 14), 0], [fill('j', 1), 150], [tick, 300]), 3);
    expect(result.bad).toEqual([{ offset: 1, reason: 'fourteen cups', kind: 'timer' }]);
    const [refused] = result.appended;
    expect(Buffer.from(refused!.data.value, 'base64').toString()).toBe('{"wokenAt":140}');
    expect(boiledOf(result)).toEqual(['160 j']);
  });

  it('takes what was skipped before', () => {
    const reason = 'the database refuses a value';
    const skips = new Map([[0, reason]]);
    const { progress } = run([]);
    const records = log([good, 10]);
    const rows = new Map();
    const outcome = fold({ processor: kettle, partition: 2, progress, rows, records, skips });
    expect(outcome.bad).toEqual([{ offset: 0, reason, kind: 'database' }]);
    expect(outcome.rows.size).toBe(0);
  });
});

it('decides by a kept state as by its row', () => {
  const at = { processor: kettle, partition: 2, progress: run([]).progress };
  const first = fold({ ...at, rows: new Map(), records: log([fill('k', 3), 0]) });
  const { row, kept: k } = first.rows.get('k')!;
  const states = new KeptStates(10_000);
  states.set('k', k, 100);
  const next = { ...at, progress: first.progress, records: log([tick, 0], [fill('k', 4), 1]) };
  const byRow = fold({ ...next, rows: new Map([['k', row]]) });
  const byKept = fold({ ...next, rows: new Map(), kept: states });
  expect(byKept).toEqual(byRow);
  expect(byKept.rows.size).toBe(1);
});

it('stops at a row that it cannot read: no record is at fault', () => {
  const { progress } = run([]);
  const row = { state: '{"cups":"many"}', wakeAt: null, lookAt: null, hits: null, cause: null };
  const input = { processor: kettle, partition: 2, progress, rows: new Map([['k', row]]) };
  expect(() => fold({ ...input, records: log([fill('k', 1), 0]) })).toThrow(z.ZodError);
});

describe('a numbered hit', () => {
  it('counts once, however often and in whatever order a tab sends it', () => {
    const hits = [1, 3, 2, 3, 1].map((hit, i): [NewEvent, number] => [touch('k', hit), i]);
    expect(stateOf(run(log(...hits)), 'k').touched).toBe(3);
    const [one, other] = [touch('k', 1, 'a'), touch('k', 1, 'b')];
    expect(stateOf(run(log([one, 0], [other, 1])), 'k').touched).toBe(2);
  });

  it('that was refused does not count as seen, so that it can be sent again', () => {
    const first = touch('k', 1, 'refused');
    const [refused, again] = log([first, 0], [first, 1]);
    expect(run([refused!]).bad).toMatchObject([{ reason: 'refused' }]);
    expect(run([refused!, again!]).bad).toHaveLength(2);
  });

  it('is remembered for the 16 tabs that were used last, whatever their names', () => {
    const tabs = Array.from({ length: 17 }, (_, i): [NewEvent, number] => [
      touch('k', 1, String(99 - i)),
      i,
    ]);
    const oldest: [NewEvent, number] = [touch('k', 1, '99'), 20];
    const newest: [NewEvent, number] = [touch('k', 1, '83'), 21];
    for (const batchSize of [1, 5, 100]) {
      expect(stateOf(run(log(...tabs, newest), batchSize), 'k').touched).toBe(17);
      expect(stateOf(run(log(...tabs, oldest), batchSize), 'k').touched).toBe(18);
    }
  });
});

describe('any history', () => {
  it.each([1, 2, 3, 4])('gives the same whatever the batches are (seed %i)', (seed) => {
    const records = historyOf(seed, 100);
    const expected = run(records);
    for (let size = 2; size <= records.length; size += size < 20 ? 1 : 13) {
      expect(run(records, size)).toEqual(expected);
    }
    for (const maxTimers of [1, 2, 3]) {
      expect(run(records, 1, maxTimers)).toEqual(expected);
      expect(run(records, 40, maxTimers)).toEqual(expected);
    }
  });

  it('has everything in it, so that this says something', () => {
    const { appended, bad, rows } = run(historyOf(1, 600));
    expect(boiledOf({ appended } as Run).length).toBeGreaterThan(100);
    const reasons = new Set(bad.map(({ reason }) => kindOf(reason)));
    expect([...reasons].toSorted()).toEqual([
      'foreign',
      'fourteen cups',
      'misfit',
      'the record is not JSON',
      'thirteen cups',
    ]);
    expect(rows.size).toBeGreaterThan(2);
  });
});

const kindOf = (reason: string) =>
  reason.replace(/^[[{].*/s, 'misfit').replace(/^.* was written by shop.*/, 'foreign');

/** Kettles at log times that also stand still and run backwards; repeats, poison, strangers. */
function historyOf(seed: number, length: number): IncomingRecord[] {
  const random = seeded(seed);
  const upTo = (below: number) => Math.floor(random() * below);
  let time = 1000;
  const records: IncomingRecord[] = [];
  for (let offset = 0; offset < length; offset += 1) {
    time += upTo(4) === 0 ? upTo(60) : upTo(3);
    const timestamp = time - (upTo(5) === 0 ? upTo(30) : 0);
    const record = recordOf(eventOf(upTo), { offset, timestamp });
    records.push(spoiled(record, records, upTo));
  }
  return records;
}

function eventOf(upTo: (below: number) => number): NewEvent {
  const key = 'abcde'[upTo(5)]!;
  const kind = upTo(20);
  if (kind < 8) return fill(key, upTo(5));
  if (kind < 14) return touch(key, 1 + upTo(40), String(upTo(30)));
  if (kind < 15) return Emptied({ id: key });
  if (kind < 16) return fill(key, 13 + upTo(2));
  if (kind < 17) return fill(key, 45);
  const note = upTo(2) === 0 ? 'left in memory' : undefined;
  if (kind < 18) return HeatChanged({ msPerCup: upTo(20), note });
  return kind < 19 ? tick : Ignored({ id: key });
}

function spoiled(
  record: IncomingRecord,
  before: readonly IncomingRecord[],
  upTo: (below: number) => number,
): IncomingRecord {
  const kind = upTo(20);
  const { offset, timestamp } = record;
  if (kind === 0 && before.length > 0)
    return { ...before[upTo(before.length)]!, offset, timestamp };
  if (kind === 1) return { ...record, value: Buffer.from('{oops') };
  if (kind > 2) return record;
  const body = { ...JSON.parse(record.value!.toString()), source: '/shop' };
  return { ...record, value: Buffer.from(JSON.stringify(body)) };
}
