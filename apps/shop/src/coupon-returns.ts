import { z } from 'zod';
import { OrderCancelled, OrderConfirmed, OrderRejected, OrderSubmitted } from '#contracts/orders';
import { CouponReturned } from '#contracts/visitors';
import { CouponCode, VisitorId } from '#contracts/values';
import { processor } from '#log/processor';

/** An order that has a coupon and is not decided yet. */
const Pledge = z.object({ visitorId: VisitorId, code: CouponCode });

/** An order that fails gives its coupon back. */
export const couponReturns = processor({
  name: 'shop.coupon-returns',
  reads: [OrderSubmitted, OrderConfirmed, OrderRejected, OrderCancelled],
  appends: [CouponReturned],
  state: Pledge,
  initial: null,
  on(pledge, { type, data }) {
    switch (type) {
      case OrderSubmitted.type:
        if (!data.coupon) return;
        return { state: { visitorId: data.visitorId, code: data.coupon.code } };
      case OrderConfirmed.type:
        return { state: null };
      case OrderRejected.type:
      case OrderCancelled.type:
        if (!pledge) return;
        return { state: null, append: [CouponReturned({ ...pledge, orderId: data.orderId })] };
    }
  },
});
