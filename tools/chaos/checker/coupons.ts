import type { RawEvent } from './raw-log.ts';

/** Each coupon is redeemed by the visitor it was offered to, and once, unless it was given back. */
export function checkCoupons(events: readonly RawEvent[]): {
  problems: string[];
  redeemed: number;
} {
  const offered = new Set<string>();
  const usedBy = new Map<string, string>();
  const problems: string[] = [];
  let redeemed = 0;
  for (const { type, data } of events) {
    const coupon = `${data.visitorId}/${data.code}`;
    if (type === 'CouponOffered') offered.add(coupon);
    if (type === 'CouponReturned') {
      if (usedBy.get(coupon) !== data.orderId) {
        problems.push(`coupon ${coupon} is given back by ${data.orderId}, which has not used it`);
      }
      usedBy.delete(coupon);
    }
    if (type !== 'CouponRedeemed') continue;
    redeemed += 1;
    if (!offered.has(coupon)) problems.push(`coupon ${coupon} is redeemed, and was never offered`);
    const by = usedBy.get(coupon);
    if (by !== undefined)
      problems.push(`coupon ${coupon} is redeemed by ${by} and ${data.orderId}`);
    usedBy.set(coupon, data.orderId);
  }
  return { problems, redeemed };
}
