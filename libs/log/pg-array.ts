/** PostgreSQL's object identifiers of the element types. */
const TEXT = 25;
const INT4 = 23;
const INT8 = 20;

/** Dimensions, whether there are nulls, element type; length and first index of the dimension. */
const HEADER_BYTES = 20;
const NULL_LENGTH = -1;

/**
 * A column of rows as a query parameter, in PostgreSQL's binary format of arrays (`array_recv` in
 * its sources): as text each element would be escaped here and parsed there.
 */
export class PgArray<T = unknown> {
  private constructor(
    /** The elements, in order. */
    readonly values: readonly T[],
    private readonly encode: () => Buffer,
  ) {}

  static text(values: readonly (string | null)[]): PgArray<string | null> {
    return new PgArray(values, () => encodeText(values));
  }

  static int(values: readonly number[]): PgArray<number> {
    return new PgArray(values, () => encodeInts(values));
  }

  /** Of integers that a double holds exactly. Throws a RangeError for others. */
  static bigint(values: readonly (number | null)[]): PgArray<number | null> {
    return new PgArray(values, () => encodeBigints(values));
  }

  /** Called by pg. */
  toPostgres(): Buffer {
    return this.encode();
  }
}

function encodeText(values: readonly (string | null)[]): Buffer {
  let size = HEADER_BYTES;
  for (const value of values) size += 4 + (value === null ? 0 : Buffer.byteLength(value));
  const bytes = withHeader(size, values.length, TEXT, values.includes(null));
  let at = HEADER_BYTES;
  for (const value of values) {
    const length = value === null ? NULL_LENGTH : bytes.write(value, at + 4);
    at = bytes.writeInt32BE(length, at) + Math.max(length, 0);
  }
  return bytes;
}

function encodeInts(values: readonly number[]): Buffer {
  const bytes = withHeader(HEADER_BYTES + 8 * values.length, values.length, INT4, false);
  let at = HEADER_BYTES;
  for (const value of values) at = bytes.writeInt32BE(value, bytes.writeInt32BE(4, at));
  return bytes;
}

function encodeBigints(values: readonly (number | null)[]): Buffer {
  const nulls = values.filter((value) => value === null).length;
  const size = HEADER_BYTES + 12 * values.length - 8 * nulls;
  const bytes = withHeader(size, values.length, INT8, nulls > 0);
  let at = HEADER_BYTES;
  for (const value of values) {
    if (value === null) {
      at = bytes.writeInt32BE(NULL_LENGTH, at);
      continue;
    }
    if (!Number.isSafeInteger(value)) throw new RangeError(`${value} is not a whole number`);
    at = bytes.writeInt32BE(8, at);
    at = bytes.writeInt32BE(Math.floor(value / 2 ** 32), at);
    at = bytes.writeUInt32BE(value >>> 0, at);
  }
  return bytes;
}

function withHeader(size: number, count: number, elementType: number, hasNull: boolean): Buffer {
  const bytes = Buffer.allocUnsafe(size);
  const dimensions = 1;
  const firstIndex = 1;
  const head = [dimensions, hasNull ? 1 : 0, elementType, count, firstIndex];
  for (const [i, word] of head.entries()) bytes.writeInt32BE(word, 4 * i);
  return bytes;
}
