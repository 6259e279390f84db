/** Kept for a length as varint, which is known later: right from 64 to 8191 bytes, else what follows moves. */
const LENGTH_BYTES = 2;
/** Short texts are copied faster here than by a call into the runtime. */
const SHORT = 64;

/** Bytes in the order of the network, one after the other, in a buffer that grows. */
export class ByteWriter {
  bytes: Buffer;
  at = 0;

  constructor(size: number) {
    this.bytes = Buffer.allocUnsafe(size);
  }

  /** What was written. */
  written(): Buffer {
    return this.bytes.subarray(0, this.at);
  }

  int8(value: number): void {
    this.reserve(1);
    this.bytes[this.at++] = value;
  }

  int16(value: number): void {
    this.reserve(2);
    this.at = this.bytes.writeInt16BE(value, this.at);
  }

  int32(value: number): void {
    this.reserve(4);
    this.at = this.bytes.writeInt32BE(value, this.at);
  }

  /** A whole number up to 2⁵³ in size. */
  int64(value: number): void {
    this.int32(Math.floor(value / 2 ** 32));
    this.int32(value | 0);
  }

  int32At(at: number, value: number): void {
    this.bytes.writeInt32BE(value, at);
  }

  /** Zigzag, seven bits a byte: a whole number of 32 bits. */
  varint(value: number): void {
    this.reserve(5);
    let rest = ((value << 1) ^ (value >> 31)) >>> 0;
    while (rest > 0x7f) {
      this.bytes[this.at++] = (rest & 0x7f) | 0x80;
      rest >>>= 7;
    }
    this.bytes[this.at++] = rest;
  }

  /** Its length in bytes, and the text in UTF-8 or the bytes; -1 for nothing. */
  varBytes(value: Buffer | string | null | undefined): void {
    if (value === null || value === undefined) return this.varint(-1);
    if (typeof value === 'string') return this.varText(value);
    this.varint(value.length);
    this.reserve(value.length);
    this.at += value.copy(this.bytes, this.at);
  }

  /** Its length in bytes, in 16 bits, and the text in UTF-8. */
  text16(value: string): void {
    const length = Buffer.byteLength(value);
    this.int16(length);
    this.reserve(length);
    this.at += this.bytes.write(value, this.at);
  }

  /** Begins something that has its length before it, as varint. */
  begin(): number {
    this.reserve(LENGTH_BYTES);
    this.at += LENGTH_BYTES;
    return this.at;
  }

  /** Ends what began at `start`: writes its length before it. */
  end(start: number): void {
    const length = this.at - start;
    const needed = lengthOfVarint(length);
    this.reserve(5); // Here, as growing keeps what is before `at`.
    if (needed !== LENGTH_BYTES) {
      this.bytes.copyWithin(start - LENGTH_BYTES + needed, start, this.at);
    }
    this.at = start - LENGTH_BYTES;
    this.varint(length);
    this.at += length;
  }

  private varText(text: string): void {
    const { length } = text;
    if (length < SHORT && this.shortAscii(text)) return;
    const size = Buffer.byteLength(text);
    this.varint(size);
    this.reserve(size);
    this.at += this.bytes.write(text, this.at, size === length ? 'latin1' : 'utf8');
  }

  /** False, and nothing is written, when it is not ASCII. */
  private shortAscii(text: string): boolean {
    const start = this.at;
    this.varint(text.length);
    this.reserve(text.length);
    const { bytes } = this;
    let { at } = this;
    for (let i = 0; i < text.length; i += 1) {
      const code = text.charCodeAt(i);
      if (code > 0x7f) {
        this.at = start;
        return false;
      }
      bytes[at++] = code;
    }
    this.at = at;
    return true;
  }

  private reserve(size: number): void {
    if (this.at + size <= this.bytes.length) return;
    const larger = Buffer.allocUnsafe(2 * (this.at + size));
    this.bytes.copy(larger, 0, 0, this.at);
    this.bytes = larger;
  }
}

function lengthOfVarint(value: number): number {
  let length = 1;
  for (let rest = value * 2; rest > 0x7f; rest = Math.floor(rest / 128)) length += 1;
  return length;
}
