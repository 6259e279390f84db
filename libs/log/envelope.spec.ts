import { z } from 'zod';
import { stream } from '#contracts/contract';
import {
  decode,
  decodeKnown,
  encode,
  header,
  LANE_HEADER,
  laneOf,
  NewerVersion,
  SEQUENCE_HEADER,
  TYPE_HEADER,
  typeOf,
} from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';

const kettles = stream('enveloped-kettles', { key: 'id' });
const KettleFilled = kettles.event(
  'KettleFilled',
  'Somebody filled a kettle.',
  {
    writer: 'kitchen',
    version: 3,
    upcasts: {
      1: ({ cups, ...rest }) => ({ ...rest, millilitres: cups * 200 }),
      2: (data) => ({ ...data, hot: false }),
    },
  },
  { id: z.string(), millilitres: z.int().positive(), hot: z.boolean() },
);
const HeatChanged = kettles.event(
  'HeatChanged',
  'All kettles heat otherwise.',
  { writer: '*', broadcast: true },
  { watts: z.int() },
);

const cause = { correlationId: 'story', causationId: 'cause', traceparent: '00-a-b-01' };
const by = { id: 'one', source: 'kitchen', time: 1_700_000_000_123, cause, lane: 'l' };
const filled = KettleFilled({ id: 'k1', millilitres: 400, hot: true });
const outgoing = encode(filled, { ...by, sequence: [7, 2] });

/** A record as it comes back; `body` changes its CloudEvent. */
function read(body: object = {}, record: Partial<IncomingRecord> = {}): IncomingRecord {
  const value = JSON.stringify({ ...JSON.parse(outgoing.value), ...body });
  const headers = { [TYPE_HEADER]: outgoing.type };
  const key = Buffer.from('k1');
  return { offset: 1, timestamp: 5, key, value: Buffer.from(value), headers, ...record };
}
const version = (number: unknown, data: object) =>
  read({ dataschema: `/enveloped-kettles/KettleFilled/${number}`, data });

describe('an event on its way to the log', () => {
  it('is a CloudEvent with our extensions', () => {
    expect(JSON.parse(outgoing.value)).toEqual({
      specversion: '1.0',
      id: 'one',
      source: '/kitchen',
      type: 'KettleFilled',
      subject: 'k1',
      time: '2023-11-14T22:13:20.123Z',
      dataschema: '/enveloped-kettles/KettleFilled/3',
      datacontenttype: 'application/json',
      correlationid: 'story',
      causationid: 'cause',
      traceparent: '00-a-b-01',
      lane: 'l',
      sequence: '7.2',
      data: { id: 'k1', millilitres: 400, hot: true },
    });
    expect(outgoing).toMatchObject({ topic: kettles.name, key: 'k1', partition: null, lane: 'l' });
  });

  it('leaves out what there is not', () => {
    const silent = { ...by, lane: null, cause: { correlationId: 'c', causationId: 'c' } };
    const sent = encode(HeatChanged({ watts: 9 }), { ...silent, sequence: null, partition: 4 });
    const body = JSON.parse(sent.value);
    for (const name of ['subject', 'traceparent', 'lane', 'sequence']) {
      expect(body).not.toHaveProperty(name);
    }
    expect(sent).toMatchObject({ key: null, partition: 4, sequence: null });
  });
});

describe('a record that is read', () => {
  it('is the event that was written, at the log time it is given', () => {
    expect(decode(KettleFilled, read(), 77)).toEqual({
      type: 'KettleFilled',
      data: filled.data,
      key: 'k1',
      id: 'one',
      source: 'kitchen',
      time: 77,
      correlationId: 'story',
      traceparent: '00-a-b-01',
    });
  });

  it('begins a story of its own when it names none', () => {
    expect(decode(KettleFilled, read({ correlationid: undefined }), 0).correlationId).toBe('one');
  });

  it('is brought up to the version of today, one step after the other', () => {
    const today = { id: 'k1', millilitres: 400, hot: false };
    expect(decode(KettleFilled, version(1, { id: 'k1', cups: 2 }), 0).data).toEqual(today);
    const second = { id: 'k1', millilitres: 400 };
    expect(decode(KettleFilled, version(2, second), 0).data).toEqual(today);
    const unversioned = read({ dataschema: undefined, data: { id: 'k1', cups: 2 } });
    expect(decode(KettleFilled, unversioned, 0).data).toEqual(today);
  });

  it('in a newer version is not bad: its reader waits', () => {
    const newer = () => decode(KettleFilled, version(4, {}), 0);
    expect(newer).toThrow(NewerVersion);
    expect(newer).toThrow('KettleFilled has version 4; this service knows 3 and waits.');
  });

  it('needs no key when it is a broadcast', () => {
    const { value } = encode(HeatChanged({ watts: 9 }), { ...by, sequence: [1, 0] });
    const record = read({}, { key: null, value: Buffer.from(value) });
    expect(decode(HeatChanged, record, 0)).toMatchObject({ key: null, data: { watts: 9 } });
  });

  it.each<[RegExp, IncomingRecord]>([
    [/^KettleFilled was written by shop; only kitchen may write it$/, read({ source: '/shop' })],
    [/^KettleFilled has no key; enveloped-kettles needs id$/, read({}, { key: null })],
    [/^the record has no value$/, read({}, { value: null })],
    [/^the record is not JSON$/, read({}, { value: Buffer.from('{oops') })],
    [/^the record is not a CloudEvents object$/, read({}, { value: Buffer.from('[1]') })],
    [/^the record is not a CloudEvents object$/, read({}, { value: Buffer.from('null') })],
    [/^the CloudEvents attribute source is missing$/, read({ source: undefined })],
    [/^the CloudEvents attribute id is missing$/, read({ id: '' })],
    [/^KettleFilled: millilitres: /, read({ data: { ...filled.data, millilitres: -1 } })],
    [/^KettleFilled: \(body\): /, read({ data: undefined })],
    [/^KettleFilled version 0 has no upcast to 1$/, version(0, {})],
  ])('is bad: %s', (reason, record) => {
    expect(() => decode(KettleFilled, record, 0)).toThrow(reason);
  });

  it('is looked up by who only watches', () => {
    expect(decodeKnown(kettles.name, read())).toMatchObject({ type: 'KettleFilled', time: 5 });
    expect(decodeKnown(kettles.name, read({}, { headers: { [TYPE_HEADER]: 'Lost' } }))).toBe(
      undefined,
    );
  });
});

describe('what a record says of itself', () => {
  it('is its type by header, or by its body when that is left out', () => {
    expect(typeOf(read({ type: 'Other' }))).toBe('KettleFilled');
    expect(typeOf(read({ type: 'Other' }, { headers: {} }))).toBe('Other');
    expect(typeOf(read({ type: 5 }, { headers: {} }))).toBeUndefined();
    expect(typeOf(read({}, { headers: {}, value: Buffer.from('{') }))).toBeUndefined();
    expect(typeOf(read({}, { headers: {}, value: null }))).toBeUndefined();
  });

  it('is its lane and sequence, both or nothing', () => {
    const lane = { [LANE_HEADER]: 'shop-3' };
    const withHeaders = (headers: IncomingRecord['headers']) => laneOf(read({}, { headers }));
    expect(withHeaders({ ...lane, [SEQUENCE_HEADER]: '12.0' })).toEqual({
      lane: 'shop-3',
      sequence: [12, 0],
    });
    expect(withHeaders(lane)).toBeUndefined();
    expect(withHeaders({ ...lane, [SEQUENCE_HEADER]: 'x' })).toBeUndefined();
    expect(withHeaders({ [SEQUENCE_HEADER]: '12.0' })).toBeUndefined();
  });

  it('is the first of a header that came more than once', () => {
    const headers = { a: [Buffer.from('1'), '2'], b: 'text', c: [] };
    expect(['a', 'b', 'c', 'd'].map((name) => header(read({}, { headers }), name))).toEqual([
      '1',
      'text',
      undefined,
      undefined,
    ]);
  });
});
