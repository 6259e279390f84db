import { sign, whyUnsigned } from './signature.ts';

const secret = 'a secret of the supplier';
const body = Buffer.from('{"deliveryId":"D-1"}');
const now = 1_790_000_000;

describe('whyUnsigned', () => {
  it('accepts what was signed with the secret', () => {
    expect(whyUnsigned(sign(body, secret, now), body, secret, now)).toBeNull();
  });

  it('knows the HMAC-SHA256 of "t.body"', () => {
    // echo -n '1790000000.{"deliveryId":"D-1"}' | openssl dgst -sha256 -hmac "$secret"
    const hex = 'f261f31e304eedb33a3c647f4e1ea43254ce1b2936f06c61da7b17d991f87c7e';
    expect(sign(body, secret, now)).toBe(`t=${now},v1=${hex}`);
  });

  it.each([-300, 300])('accepts a clock that is %d s off', (seconds) => {
    expect(whyUnsigned(sign(body, secret, now + seconds), body, secret, now)).toBeNull();
  });

  it.each([-301, 301])('refuses a clock that is %d s off', (seconds) => {
    const header = sign(body, secret, now + seconds);
    expect(whyUnsigned(header, body, secret, now)).toMatch(/more than 300 s off/);
  });

  it.each([
    ['another body', sign(Buffer.from('{}'), secret, now)],
    ['another secret', sign(body, 'guessed', now)],
    ['another time', sign(body, secret, now - 10).replace(/t=\d+/, `t=${now}`)],
  ])('refuses a signature of %s', (_, header) => {
    expect(whyUnsigned(header, body, secret, now)).toMatch(/does not fit the body/);
  });

  it.each([undefined, '', 'v1=00', `t=${now},v1=abc`, `t=soon,v1=${'0'.repeat(64)}`])(
    'refuses the header %j',
    (header) => {
      expect(whyUnsigned(header, body, secret, now)).toMatch(
        /^Header x-signature (is missing|must)/,
      );
    },
  );
});
