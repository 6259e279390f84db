import { CouponCode } from '#contracts/values';
import { couponCode, isInControlGroup } from './policy.ts';

const visitors = Array.from({ length: 10_000 }, (_, i) => `visitor-${String(i).padStart(6, '0')}`);

describe('the control group', () => {
  it('is a tenth of the visitors', () => {
    const share = visitors.filter(isInControlGroup).length / visitors.length;
    expect(share).toBeGreaterThan(0.09);
    expect(share).toBeLessThan(0.11);
  });

  it('has the same members at every visit', () => {
    expect(visitors.filter(isInControlGroup)).toEqual(visitors.filter(isInControlGroup));
  });
});

describe('a coupon code', () => {
  it('is one that the contract accepts, and names the percent', () => {
    const code = couponCode('visitor-000001', 1_767_225_600_000, 10);
    expect(CouponCode.parse(code)).toMatch(/^STAY10-[0-9A-HJKMNP-TV-Z]{8}$/);
  });

  it('follows from visitor and time', () => {
    expect(couponCode('visitor-000001', 5, 10)).toBe(couponCode('visitor-000001', 5, 10));
    expect(couponCode('visitor-000001', 6, 10)).not.toBe(couponCode('visitor-000001', 5, 10));
  });

  it('is another for each visitor', () => {
    const codes = visitors.map((visitor) => couponCode(visitor, 1_767_225_600_000, 10));
    expect(new Set(codes).size).toBe(visitors.length);
  });
});
