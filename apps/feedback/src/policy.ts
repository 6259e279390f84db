import { fnv1a } from '#contracts/releases';

/** One visitor in so many is never offered anything, so that the offers' effect can be measured. */
const CONTROL_GROUP = 10n;
/** Crockford's base 32: no I, L, O or U to misread. */
const DIGITS = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const CODE_DIGITS = 8;

/** Is this visitor in the control group, at every visit? By hash: no list, no random. */
export function isInControlGroup(visitorId: string): boolean {
  return fnv1a(visitorId) % CONTROL_GROUP === 0n;
}

/** The code of an offer made at log time `at` (ms): the same history gives the same code. */
export function couponCode(visitorId: string, at: number, percent: number): string {
  let rest = fnv1a(`${visitorId}/${at}`);
  rest ^= rest >> 32n; // FNV's high bits mix best; fold them into those the digits come from.
  let digits = '';
  while (digits.length < CODE_DIGITS) {
    digits += DIGITS[Number(rest % 32n)];
    rest /= 32n;
  }
  return `STAY${percent}-${digits}`;
}
