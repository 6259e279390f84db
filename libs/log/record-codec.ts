// @ts-expect-error -- kafkajs has types for its doors only.
import { requests as theirs } from 'kafkajs/src/protocol/requests/index.js';
import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { OtherFormat, readBatches, writeBatch } from './record-batch.ts';
import type { OutgoingMessage, ReadMessage } from './record-batch.ts';

/** How kafkajs asks a broker for something: `encode` has the body of the request. */
interface Exchange<Decoded> {
  request: { encode(): Promise<Encoded> };
  response: { decode(body: Buffer): Promise<Decoded> };
}

/** As kafkajs's own encoder gives it on. */
interface Encoded {
  buf: Buffer;
  buffer: Buffer;
}

/** One of Kafka's APIs: of each version, what its arguments are sent as. */
interface Api<Args, Decoded> {
  protocol(options: { version: number }): (args: Args) => Exchange<Decoded>;
}

export interface ProduceArgs {
  transactionalId?: string | null;
  acks: number;
  timeout: number;
  compression?: number;
  producerId?: number | string;
  producerEpoch?: number;
  topicData: readonly {
    topic: string;
    partitions: readonly {
      /** In decimals, as it was the key of an object. */
      partition: number | string;
      firstSequence?: number;
      messages: readonly OutgoingMessage[];
    }[];
  }[];
}

export interface Fetched {
  throttleTime: number;
  clientSideThrottleTime: number;
  errorCode: number;
  sessionId: number;
  responses: { topicName: string | null; partitions: FetchedPartition[] }[];
}

interface FetchedPartition {
  partition: number;
  errorCode: number;
  /** Offsets in decimals. */
  highWatermark: string;
  lastStableOffset: string;
  lastStartOffset: string;
  abortedTransactions: { producerId: string; firstOffset: string }[];
  preferredReadReplica: number;
  messages: ReadMessage[];
}

const apis = theirs as { Produce: Api<ProduceArgs, unknown>; Fetch: Api<unknown, Fetched> };
/** The newest that kafkajs 2.2.4 speaks, and every broker since 2.3. */
const [PRODUCE_VERSION, FETCH_VERSION] = [7, 11];

/**
 * Has kafkajs write the body of a Produce request and read that of a Fetch response by this codec: its own
 * makes a buffer for each field it writes, and big integers of what it reads, which was most of what an
 * append cost and a fifth of a read (docs/decisions/0020). Whatever is compressed, in a transaction, timed by
 * its writer or of another version is left to its own. Touches every client of the process;
 * {@link ReadMessage} says what its readers see of it.
 */
export function useRecordCodec(): void {
  apis.Produce = atVersion(apis.Produce, PRODUCE_VERSION, (exchange, args) => {
    if (!isPlain(args)) return exchange;
    const encode = async () => {
      const body = encodeProduceRequest(args, Date.now());
      return { buf: body, buffer: body };
    };
    return { ...exchange, request: { ...exchange.request, encode } };
  });
  apis.Fetch = atVersion(apis.Fetch, FETCH_VERSION, (exchange) => {
    const { response } = exchange;
    const decode = async (body: Buffer) => decodeFetchResponse(body) ?? response.decode(body);
    return { ...exchange, response: { ...response, decode } };
  });
}

/** The API as it is, but for exchanges of one version. */
function atVersion<Args, Decoded>(
  api: Api<Args, Decoded>,
  version: number,
  change: (exchange: Exchange<Decoded>, args: Args) => Exchange<Decoded>,
): Api<Args, Decoded> {
  return {
    ...api,
    protocol(options) {
      const exchangeOf = api.protocol(options);
      if (options.version !== version) return exchangeOf;
      return (args) => change(exchangeOf(args), args);
    },
  };
}

function isPlain({ transactionalId, compression, topicData }: ProduceArgs): boolean {
  if (transactionalId || compression) return false;
  return topicData.every(({ partitions }) =>
    partitions.every(({ messages }) => messages.every(({ timestamp }) => timestamp == null)),
  );
}

/** The body of a Produce request, version 7, of records made `now` (ms since 1970). */
export function encodeProduceRequest(args: ProduceArgs, now: number): Buffer {
  const to = new ByteWriter(likelySize(args));
  const { acks, timeout, producerId = -1, producerEpoch = 0, topicData } = args;
  to.int16(-1); // In no transaction.
  to.int16(acks);
  to.int32(timeout);
  to.int32(topicData.length);
  for (const { topic, partitions } of topicData) {
    to.text16(topic);
    to.int32(partitions.length);
    for (const { partition, messages, firstSequence = 0 } of partitions) {
      to.int32(Number(partition));
      const start = to.at + 4;
      to.int32(0);
      const by = { producerId: Number(producerId), producerEpoch, firstSequence };
      writeBatch(to, messages, now, by);
      to.int32At(start - 4, to.at - start);
    }
  }
  return to.written();
}

/** Enough for records of ours; a writer grows. */
function likelySize({ topicData }: ProduceArgs): number {
  let size = 64;
  for (const { topic, partitions } of topicData) {
    size += topic.length + 8;
    for (const { messages } of partitions) {
      size += 80;
      for (const { value } of messages) size += (value?.length ?? 0) + 256;
    }
  }
  return size;
}

/** What the body of a Fetch response, version 11, says; undefined when kafkajs has to read it. */
export function decodeFetchResponse(body: Buffer): Fetched | undefined {
  const from = new ByteReader(body);
  try {
    const clientSideThrottleTime = from.int32();
    const errorCode = from.int16();
    const sessionId = from.int32();
    const responses = list(from, () => ({
      topicName: from.text16(),
      partitions: list(from, () => readPartition(from)),
    }));
    return { throttleTime: 0, clientSideThrottleTime, errorCode, sessionId, responses };
  } catch (error) {
    if (error instanceof OtherFormat) return undefined;
    throw error;
  }
}

function readPartition(from: ByteReader): FetchedPartition {
  const read = {
    partition: from.int32(),
    errorCode: from.int16(),
    highWatermark: `${from.int64()}`,
    lastStableOffset: `${from.int64()}`,
    lastStartOffset: `${from.int64()}`,
    abortedTransactions: list(from, () => ({
      producerId: from.bigInt64(),
      firstOffset: `${from.int64()}`,
    })),
    preferredReadReplica: from.int32(),
    messages: [] as ReadMessage[],
  };
  const size = from.int32();
  if (size > 0) readBatches(from, size, read.messages);
  return read;
}

/** -1 of them are none. */
function list<T>(from: ByteReader, one: () => T): T[] {
  const all: T[] = [];
  for (let left = from.int32(); left > 0; left -= 1) all.push(one());
  return all;
}
