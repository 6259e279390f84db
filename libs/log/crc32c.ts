/** The polynomial of Castagnoli, its bits in reverse. */
const POLYNOMIAL = 0x82f63b78;
/** Bytes looked at in one go. */
const SLICES = 8;

/** For each of 256 bytes: what it does to the sum, with 0 to 7 bytes of zeros after it. */
const tables = Array.from({ length: SLICES }, () => new Int32Array(256));
for (let byte = 0; byte < 256; byte += 1) {
  let sum = byte;
  for (let bit = 0; bit < 8; bit += 1) sum = sum & 1 ? (sum >>> 1) ^ POLYNOMIAL : sum >>> 1;
  tables[0]![byte] = sum;
}
for (let slice = 1; slice < SLICES; slice += 1) {
  const before = tables[slice - 1]!;
  tables[slice]!.set(before.map((sum) => tables[0]![sum & 0xff]! ^ (sum >>> 8)));
}
const [t0, t1, t2, t3, t4, t5, t6, t7] = tables as [
  ...[Int32Array, Int32Array, Int32Array, Int32Array],
  ...[Int32Array, Int32Array, Int32Array, Int32Array],
];

/**
 * CRC-32C (RFC 3720, appendix B.4) of the bytes `from` to before `to`, as a signed number of 32 bits:
 * slicing-by-8 (Kounavis and Berry, 2005), which looks at eight bytes at a time instead of at one.
 */
export function crc32c(bytes: Uint8Array, from: number, to: number): number {
  let sum = -1;
  let at = from;
  for (const end = to - SLICES; at <= end; at += SLICES) {
    sum =
      t7[(sum ^ bytes[at]!) & 0xff]! ^
      t6[((sum >>> 8) ^ bytes[at + 1]!) & 0xff]! ^
      t5[((sum >>> 16) ^ bytes[at + 2]!) & 0xff]! ^
      t4[(sum >>> 24) ^ bytes[at + 3]!]! ^
      t3[bytes[at + 4]!]! ^
      t2[bytes[at + 5]!]! ^
      t1[bytes[at + 6]!]! ^
      t0[bytes[at + 7]!]!;
  }
  for (; at < to; at += 1) sum = t0[(sum ^ bytes[at]!) & 0xff]! ^ (sum >>> 8);
  return ~sum;
}
