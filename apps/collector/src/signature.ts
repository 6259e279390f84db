import { createHmac, timingSafeEqual } from 'node:crypto';

/** A signature older (or further ahead) than this may be a recorded one, sent again. */
export const WINDOW_SECONDS = 300;

/** The `x-signature` header for a body sent at `seconds` since 1970. */
export function sign(body: Buffer, secret: string, seconds: number): string {
  return `t=${seconds},v1=${digest(body, secret, String(seconds)).toString('hex')}`;
}

/** Why this signature does not count, as a sentence; null when it does. */
export function whyUnsigned(
  header: string | undefined,
  body: Buffer,
  secret: string,
  nowSeconds: number,
): string | null {
  if (!header) return 'Header x-signature is missing: send t=<seconds>,v1=<hex HMAC-SHA256>.';
  const parts = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/i.exec(header);
  if (!parts) return 'Header x-signature must read t=<seconds>,v1=<64 hex digits>.';
  const [, seconds = '', hex = ''] = parts;
  if (!timingSafeEqual(digest(body, secret, seconds), Buffer.from(hex, 'hex'))) {
    return 'Header x-signature does not fit the body: sign "t.body" with DELIVERIES_SECRET.';
  }
  if (Math.abs(nowSeconds - Number(seconds)) > WINDOW_SECONDS) {
    return `Header x-signature is more than ${WINDOW_SECONDS} s off: sign again with t = now.`;
  }
  return null;
}

function digest(body: Buffer, secret: string, seconds: string): Buffer {
  return createHmac('sha256', secret).update(`${seconds}.`).update(body).digest();
}
