import fc from 'fast-check';
// @ts-expect-error -- kafkajs has types for its doors only.
import readFetched from 'kafkajs/src/protocol/requests/fetch/v11/response.js';
// @ts-expect-error -- as above
import produceRequest from 'kafkajs/src/protocol/requests/produce/v7/request.js';
// @ts-expect-error -- as above
import { requests } from 'kafkajs/src/protocol/requests/index.js';
import { jest } from '@jest/globals';
import './kafka.ts';
import { decodeFetchResponse, encodeProduceRequest } from './record-codec.ts';
import type { Fetched, ProduceArgs } from './record-codec.ts';

/* kafkajs's own code is the measure: the same bytes out, the same records in. */

const NOW = 1_764_500_000_123;
beforeEach(() => jest.spyOn(Date, 'now').mockReturnValue(NOW));
afterEach(() => jest.restoreAllMocks());

const text = (maxLength: number) =>
  fc.oneof(fc.string({ maxLength }), fc.string({ unit: 'grapheme', maxLength }));
const bytes = fc.uint8Array({ maxLength: 90 }).map((array) => Buffer.from(array));
const header = fc.oneof(text(70), fc.array(text(9), { maxLength: 3 }));
/** kafkajs takes a header of the name of something that every object has for one of two. */
const name = text(20).filter((name) => !(name in {}));
const message = fc.record({
  key: fc.oneof(fc.constant(null), text(40), bytes),
  value: fc.oneof(fc.constant(null), text(9000), bytes),
  headers: fc.oneof(fc.constant(undefined), fc.dictionary(name, header, { maxKeys: 4 })),
});
const produced: fc.Arbitrary<ProduceArgs> = fc.record({
  acks: fc.constantFrom(-1, 1),
  timeout: fc.nat(60_000),
  producerId: fc.constantFrom(-1, 7, '5000000000'),
  producerEpoch: fc.nat(9),
  topicData: fc.array(
    fc.record({
      topic: text(30),
      partitions: fc.array(
        fc.record({
          partition: fc.nat(99).map(String),
          firstSequence: fc.nat(99),
          messages: fc.array(message, { minLength: 1, maxLength: 5 }),
        }),
        { maxLength: 3 },
      ),
    }),
    { maxLength: 3 },
  ),
});

type Theirs = (args: ProduceArgs) => { encode(): Promise<{ buffer: Buffer }> };
const encodedByThem = async (args: ProduceArgs) =>
  (await (produceRequest as Theirs)(args).encode()).buffer;
const { decode: decodedByThem } = readFetched as { decode(body: Buffer): Promise<Fetched> };

it('asks for appends with the bytes of kafkajs', async () => {
  const isSame = fc.asyncProperty(produced, async (args) => {
    const theirs = await encodedByThem(args);
    expect(encodeProduceRequest(args, NOW).toString('hex')).toBe(theirs.toString('hex'));
  });
  await fc.assert(isSame, { numRuns: 200 });
});

/** The record sets in a Produce request become those of a Fetch response: the rest is of a broker. */
interface Part {
  partition: number;
  /** Batches as they are on the disk of the broker. */
  records: Buffer;
}
function fetched(topic: string, parts: readonly Part[], throttleMs = 0): Buffer {
  const head = Buffer.alloc(4 + 2 + 4 + 4);
  head.writeInt32BE(throttleMs, 0);
  head.writeInt32BE(3, 6);
  head.writeInt32BE(1, 10);
  const name = Buffer.from(topic);
  const count = Buffer.alloc(4);
  count.writeInt32BE(parts.length);
  const length = Buffer.alloc(2);
  length.writeInt16BE(name.length);
  return Buffer.concat([head, length, name, count, ...parts.flatMap(partOf)]);
}

function partOf({ partition, records }: Part): Buffer[] {
  const head = Buffer.alloc(4 + 2 + 24 + 4 + 16 + 4 + 4);
  head.writeInt32BE(partition, 0);
  head.writeInt16BE(partition % 2 ? 0 : 3, 4);
  head.writeBigInt64BE(9_007_199_254_740_991n, 6);
  head.writeBigInt64BE(12n, 14);
  head.writeBigInt64BE(-1n, 22);
  head.writeInt32BE(1, 30);
  head.writeBigInt64BE(77n, 34);
  head.writeBigInt64BE(4_294_967_296n, 42);
  head.writeInt32BE(-1, 50);
  head.writeInt32BE(records.length, 54);
  return [head, records];
}

/** A batch as a producer sends it, with what a broker changes in it. */
async function batchOf(messages: ProduceArgs['topicData'][0]['partitions'][0]['messages']) {
  const body = await encodedByThem({
    ...{ acks: -1, timeout: 0 },
    topicData: [{ topic: '', partitions: [{ partition: 0, messages }] }],
  });
  const batch = Buffer.from(body.subarray(body.length - sizeOf(body)));
  batch.writeBigInt64BE(5_000_000_000n, 0);
  return batch;
}
/** Null transaction, acks, timeout, one topic without a name, one partition. */
const sizeOf = (body: Buffer) => body.length - (2 + 2 + 4 + 4 + 2 + 4 + 4 + 4);
const [ATTRIBUTES, FIRST_TIME, MAX_TIME] = [21, 27, 35];

/** Headers are text here, bytes there; of no value in both they are left out here. */
function asOurs(theirs: Fetched): Fetched {
  const partitions = theirs.responses.flatMap((topic) => topic.partitions);
  for (const message of partitions.flatMap((partition) => partition.messages)) {
    const headers = Object.entries(message.headers).map(([name, value]) => [
      name,
      Array.isArray(value) ? value.map(String) : String(value),
    ]);
    message.headers = Object.fromEntries(headers) as typeof message.headers;
    delete (message as { magicByte?: number }).magicByte;
    const { producerId, inTransaction } = message.batchContext;
    message.batchContext = { producerId, inTransaction };
  }
  return theirs;
}

it('reads what a broker sends as kafkajs does', async () => {
  const flags = fc.constantFrom(0, 0x08, 0x10, 0x30);
  const cut = fc.oneof(fc.constant(0), fc.nat(70));
  const timestamp = fc.oneof(fc.constant(undefined), fc.nat(2 * NOW).map(String));
  const timed = fc.tuple(message, timestamp).map(([it, timestamp]) => ({ ...it, timestamp }));
  const some = fc.array(timed, { minLength: 1, maxLength: 4 });
  const isSame = fc.asyncProperty(some, some, flags, cut, async (one, two, flag, lost) => {
    const [first, second] = [await batchOf(one), await batchOf(two)];
    first.writeInt16BE(flag, ATTRIBUTES);
    first.writeBigInt64BE(BigInt(NOW - 40_000_000_000), FIRST_TIME);
    first.writeBigInt64BE(BigInt(NOW + 5), MAX_TIME);
    const records = Buffer.concat([first, second]);
    const parts = [
      { partition: 4, records: Buffer.alloc(0) },
      { partition: 5, records: records.subarray(0, Math.max(0, records.length - lost)) },
    ];
    const body = fetched('visitors', parts, 20);
    expect(decodeFetchResponse(body)).toEqual(asOurs(await decodedByThem(body)));
  });
  await fc.assert(isSame, { numRuns: 200 });
});

it('reads headers of any name', async () => {
  const headers = { toString: 'a', constructor: ['b', 'c'] };
  const records = await batchOf([{ value: 'v', headers }]);
  const { responses } = decodeFetchResponse(fetched('t', [{ partition: 1, records }]))!;
  expect({ ...responses[0]!.partitions[0]!.messages[0]!.headers }).toEqual(headers);
});

it('reads headers that are like those of the record before, and those that are not', async () => {
  const all = [
    { ce_type: 'a', ce_lane: 'l', ce_sequence: '1.0' },
    { ce_type: 'a', ce_lane: 'l', ce_sequence: '2.0' },
    { ce_type: 'b', ce_lane: 'l', ce_sequence: '3.0' },
    { ce_type: 'b', ce_lane: 'l' },
    { ce_type: 'b', ce_lane: 'm' },
    { ce_type: ['b', 'c'], ce_lane: 'm' },
    { ce_type: ['b', 'd'], ce_lane: 'm' },
    { ce_lane: 'm', ce_type: 'd' },
    {},
    { ce_lane: 'n', ce_type: 'd' },
    { ce_lane: 'n', ce_type: 'e' },
  ];
  const records = await batchOf(all.map((headers) => ({ value: 'v', headers })));
  const { responses } = decodeFetchResponse(fetched('t', [{ partition: 1, records }]))!;
  const read = responses[0]!.partitions[0]!.messages.map(({ headers }) => ({ ...headers }));
  expect(read).toEqual(all);
});

it('leaves to kafkajs what is compressed or of an older format', async () => {
  const compressed = await batchOf([{ value: 'a' }]);
  compressed.writeInt16BE(1, ATTRIBUTES);
  expect(
    decodeFetchResponse(fetched('t', [{ partition: 1, records: compressed }])),
  ).toBeUndefined();
  const old = await batchOf([{ value: 'a' }]);
  old.writeInt8(1, 16);
  expect(decodeFetchResponse(fetched('t', [{ partition: 1, records: old }]))).toBeUndefined();
});

interface Encoding {
  request: { encode(): Promise<{ buf: Buffer; buffer: Buffer }> };
}
interface Decoding {
  response: { decode(body: Buffer): Promise<Fetched> };
}
const { Produce, Fetch } = requests as {
  Produce: { protocol(of: { version: number }): (args: ProduceArgs) => Encoding };
  Fetch: { protocol(of: { version: number }): (args: object) => Decoding };
};

const append = (more: Partial<ProduceArgs>, timestamp?: string): ProduceArgs => {
  const partitions = [{ partition: '1', messages: [{ key: 'k', value: 'v', timestamp }] }];
  return { acks: -1, timeout: 4000, topicData: [{ topic: 't', partitions }], ...more };
};

it.each([
  ['a plain append', append({}), true],
  ['a record timed by its writer', append({}, '1764500000000'), false],
  ['a compressed append', append({ compression: 1 }), false],
  ['one in a transaction', append({ transactionalId: 'mine' }), false],
])(
  'is how every client of the process writes, but for what is kafkajs’s own: %s',
  async (...test) => {
    const [, args, isOurs] = test;
    const { buf, buffer } = await Produce.protocol({ version: 7 })(args).request.encode();
    expect(buffer.toString('hex')).toBe((await encodedByThem(args)).toString('hex'));
    expect(buf === buffer).toBe(isOurs);
  },
);

it('is how every client of the process reads: headers are text', async () => {
  const records = await batchOf([{ value: 'a', headers: { ce_type: 'ProductViewed' } }]);
  const { response } = Fetch.protocol({ version: 11 })({});
  const { responses } = await response.decode(fetched('t', [{ partition: 1, records }]));
  const [message] = responses[0]!.partitions[0]!.messages;
  expect(message).toMatchObject({ headers: { ce_type: 'ProductViewed' }, offset: '5000000000' });
});
