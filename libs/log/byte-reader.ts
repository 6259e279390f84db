/** A text, and where it stands among the bytes. */
export interface TextAt {
  readonly text: string;
  readonly from: number;
  readonly to: number;
}

/** Bytes in the order of the network, one after the other. Numbers of fixed width past the end throw a RangeError. */
export class ByteReader {
  at = 0;

  constructor(private readonly bytes: Buffer) {}

  int8(): number {
    const value = this.bytes.readInt8(this.at);
    this.at += 1;
    return value;
  }

  int16(): number {
    const value = this.bytes.readInt16BE(this.at);
    this.at += 2;
    return value;
  }

  int32(): number {
    const value = this.bytes.readInt32BE(this.at);
    this.at += 4;
    return value;
  }

  /** A whole number up to 2⁵³ in size. */
  int64(): number {
    const high = this.bytes.readInt32BE(this.at);
    const low = this.bytes.readUInt32BE(this.at + 4);
    this.at += 8;
    return high * 2 ** 32 + low;
  }

  /** In decimals. */
  bigInt64(): string {
    const value = this.bytes.readBigInt64BE(this.at).toString();
    this.at += 8;
    return value;
  }

  /** Zigzag, seven bits a byte: a whole number of 32 bits. */
  varint(): number {
    const { bytes } = this;
    let byte = bytes[this.at++]!;
    let value = byte & 0x7f;
    for (let shift = 7; byte > 0x7f; shift += 7) {
      byte = bytes[this.at++]!;
      value |= (byte & 0x7f) << shift;
    }
    return (value >>> 1) ^ -(value & 1);
  }

  /** As {@link varint}: a whole number up to 2⁵² in size. */
  varlong(): number {
    let byte = this.bytes[this.at++]!;
    let value = byte & 0x7f;
    for (let scale = 2 ** 7; byte > 0x7f; scale *= 2 ** 7) {
      byte = this.bytes[this.at++]!;
      value += (byte & 0x7f) * scale;
    }
    return value % 2 === 0 ? value / 2 : -(value + 1) / 2;
  }

  /** Bytes after their length as varint, not copied; null for the length -1. */
  varBytes(): Buffer | null {
    const length = this.varint();
    if (length < 0) return null;
    const start = this.at;
    this.at += length;
    return this.bytes.subarray(start, this.at);
  }

  /**
   * UTF-8 after its length as varint; undefined for the length -1. When it is the same as that `before`,
   * it is that: nothing is made then.
   */
  varText(before: TextAt | undefined): TextAt | undefined {
    const length = this.varint();
    if (length < 0) return undefined;
    const from = this.at;
    this.at += length;
    if (before && this.isAlike(before, from, length)) return before;
    return { text: this.bytes.toString('utf8', from, this.at), from, to: this.at };
  }

  /** UTF-8 after its length in 16 bits; null for the length -1. */
  text16(): string | null {
    const length = this.int16();
    if (length < 0) return null;
    const start = this.at;
    this.at += length;
    return this.bytes.toString('utf8', start, this.at);
  }

  /** From the end: what differs there differs most. */
  private isAlike(other: TextAt, from: number, length: number): boolean {
    const { bytes } = this;
    if (other.to - other.from !== length) return false;
    for (let i = length - 1; i >= 0; i -= 1) {
      if (bytes[other.from + i] !== bytes[from + i]) return false;
    }
    return true;
  }
}
