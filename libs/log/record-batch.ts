import type { ByteReader, TextAt } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import { crc32c } from './crc32c.ts';

/*
 * Record batches of format 2, as Kafka keeps and sends them:
 * https://kafka.apache.org/documentation/#recordbatch
 */

type Bytes = Buffer | string | null | undefined;

/** A record to append, as kafkajs takes it. */
export interface OutgoingMessage {
  key?: Bytes;
  value: Bytes;
  headers?: Record<string, Bytes | Bytes[]> | undefined;
  /** ms since 1970; set, it is none of those that {@link writeBatch} writes. */
  timestamp?: string | undefined;
}

/** A record that was read, as kafkajs hands it over; except that headers are text, not bytes. */
export interface ReadMessage {
  attributes: number;
  /** ms since 1970, in decimals. */
  timestamp: string;
  /** In decimals. */
  offset: string;
  key: Buffer | null;
  value: Buffer | null;
  headers: Record<string, string | string[]>;
  isControlRecord: boolean;
  batchContext: BatchContext;
}

/** What the records of a batch have in common, as far as kafkajs asks for it. */
interface BatchContext {
  /** In decimals. */
  producerId: string;
  inTransaction: boolean;
}

const FORMAT = 2;
const CODEC_MASK = 0x07;
const APPEND_TIME_FLAG = 0x08;
const TRANSACTION_FLAG = 0x10;
const CONTROL_FLAG = 0x20;
/** From the offset of the first record to the count of records. */
const HEAD_BYTES = 61;
/** From the length, which counts what follows it, to the checksum, which covers what follows it. */
const [LENGTH_AT, CHECKSUM_AT, CHECKED_FROM] = [8, 17, 21];

/** Writes a batch, uncompressed, of records that are made `now` (ms since 1970). */
export function writeBatch(
  to: ByteWriter,
  messages: readonly OutgoingMessage[],
  now: number,
  by: { producerId: number; producerEpoch: number; firstSequence: number },
): void {
  const start = to.at;
  to.int64(0); // The broker gives the offset,
  to.int32(0); // and this is the length, see below.
  to.int32(0);
  to.int8(FORMAT);
  to.int32(0);
  to.int16(0);
  to.int32(messages.length - 1);
  to.int64(now);
  to.int64(now);
  to.int64(by.producerId);
  to.int16(by.producerEpoch);
  to.int32(by.firstSequence);
  to.int32(messages.length);
  for (let i = 0; i < messages.length; i += 1) writeRecord(to, messages[i]!, i);
  to.int32At(start + LENGTH_AT, to.at - start - LENGTH_AT - 4);
  to.int32At(start + CHECKSUM_AT, crc32c(to.bytes, start + CHECKED_FROM, to.at));
}

function writeRecord(to: ByteWriter, { key, value, headers }: OutgoingMessage, i: number): void {
  const start = to.begin();
  to.int8(0);
  to.varint(0); // Later than the batch: all are made at once.
  to.varint(i);
  to.varBytes(key);
  to.varBytes(value);
  const names = headers ? Object.keys(headers) : [];
  let count = 0;
  for (const name of names) count += Array.isArray(headers![name]) ? headers![name].length : 1;
  to.varint(count);
  for (const name of names) {
    const values = headers![name];
    for (const one of Array.isArray(values) ? values : [values]) {
      to.varBytes(name);
      to.varBytes(one);
    }
  }
  to.end(start);
}

/** A batch that is compressed, or of a format before 2: not read here. */
export class OtherFormat extends Error {}

/**
 * Adds the records of the batches in the next `size` bytes to `messages`. What a broker had to cut off
 * at the end is left out. Throws {@link OtherFormat}.
 */
export function readBatches(from: ByteReader, size: number, messages: ReadMessage[]): void {
  const end = from.at + size;
  while (end - from.at >= HEAD_BYTES) {
    const offset = from.int64();
    const next = from.int32() + from.at;
    if (next > end) break;
    readBatch(from, offset, messages);
    from.at = next;
  }
  from.at = end;
}

function readBatch(from: ByteReader, offset: number, messages: ReadMessage[]): void {
  from.at += 4;
  if (from.int8() !== FORMAT) throw new OtherFormat();
  from.at += 4;
  const attributes = from.int16();
  if (attributes & CODEC_MASK) throw new OtherFormat();
  from.at += 4;
  const [first, last] = [from.int64(), from.int64()];
  const appended = attributes & APPEND_TIME_FLAG ? `${last}` : undefined;
  const isControlRecord = (attributes & CONTROL_FLAG) > 0;
  const batchContext = {
    producerId: from.bigInt64(),
    inTransaction: (attributes & TRANSACTION_FLAG) > 0,
  };
  from.at += 6;
  const texts: (TextAt | undefined)[] = [];
  for (let left = from.int32(); left > 0; left -= 1) {
    const next = from.varint() + from.at;
    from.at += 1;
    const later = from.varlong();
    messages.push({
      attributes: 0,
      timestamp: appended ?? `${first + later}`,
      offset: `${offset + from.varint()}`,
      key: from.varBytes(),
      value: from.varBytes(),
      headers: readHeaders(from, texts),
      isControlRecord,
      batchContext,
    });
    from.at = next;
  }
}

/** `before` are names and values of the record before: of one type, or in one lane, they are alike. */
function readHeaders(from: ByteReader, before: (TextAt | undefined)[]): ReadMessage['headers'] {
  const headers: ReadMessage['headers'] = {};
  const count = from.varint();
  for (let i = 0; i < count; i += 1) {
    const name = (before[2 * i] = from.varText(before[2 * i]))?.text ?? '';
    const value = (before[2 * i + 1] = from.varText(before[2 * i + 1]))?.text;
    if (value === undefined || name === '__proto__') continue;
    headers[name] = Object.hasOwn(headers, name) ? [headers[name]!, value].flat() : value;
  }
  return headers;
}
