import fc from 'fast-check';
// @ts-expect-error -- kafkajs has types for its doors only.
import theirs from 'kafkajs/src/protocol/recordBatch/crc32C/index.js';
import { crc32c } from './crc32c.ts';

it('is what the standard gives for its examples', () => {
  // RFC 3720, appendix B.4: 32 bytes of zeros, of ones, and 0 to 31.
  expect(crc32c(new Uint8Array(32), 0, 32) >>> 0).toBe(0x8a9136aa);
  expect(crc32c(new Uint8Array(32).fill(0xff), 0, 32) >>> 0).toBe(0x62a8ab43);
  expect(
    crc32c(
      Uint8Array.from({ length: 32 }, (_, i) => i),
      0,
      32,
    ) >>> 0,
  ).toBe(0x46dd794e);
});

it('is what the client library gives, from anywhere to anywhere', () => {
  const isSame = fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(60), (bytes, any) => {
    const from = Math.min(any, bytes.length);
    const its = (theirs as (bytes: Uint8Array) => number)(bytes.subarray(from));
    expect(crc32c(bytes, from, bytes.length) >>> 0).toBe(its);
  });
  fc.assert(isSame, { numRuns: 300 });
});
