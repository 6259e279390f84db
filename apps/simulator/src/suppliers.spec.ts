import { signature } from './suppliers.ts';

describe('the signature of a delivery', () => {
  it('is the HMAC of time and body', () => {
    // From: printf '1700000000.{"a":1}' | openssl dgst -sha256 -hmac secret
    expect(signature('secret', '{"a":1}', 1_700_000_000)).toBe(
      't=1700000000,v1=49f24e537407743fa4a0242bb63b94b9a47ee99cbbe071ccd8a22550ae411686',
    );
  });
});
