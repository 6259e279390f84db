import { z } from 'zod';
import {
  CartCheckedOut,
  CouponOffered,
  CouponRedeemed,
  CouponReturned,
  OfferDismissed,
  OfferExpired,
  OfferShown,
} from '#contracts/visitors';
import { CouponCode, Instant, OrderId } from '#contracts/values';
import { processor } from '#log/processor';
import { knowsReleases } from '#log/released';
import type { Decision } from '#log/processor';

/** The last coupon a visitor was offered, and what became of it. */
export const Offer = z.object({
  code: CouponCode,
  percent: z.int(),
  expiresAt: Instant,
  status: z.enum(['offered', 'shown', 'dismissed', 'used', 'expired']),
  /** Failed orders that gave it back. */
  returnedBy: z.array(OrderId),
});
export type Offer = z.output<typeof Offer>;

const declared = processor({
  name: 'shop.offers',
  reads: [
    CouponOffered,
    OfferShown,
    OfferDismissed,
    OfferExpired,
    CouponRedeemed,
    CouponReturned,
    CartCheckedOut,
  ],
  state: Offer,
  initial: null,
  on(offer, { type, data }): Decision<Offer> | void {
    if (type === CouponOffered.type) {
      const { code, percent, expiresAt } = data;
      return { state: { code, percent, expiresAt, status: 'offered', returnedBy: [] } };
    }
    if (!offer) return;
    const become = (status: Offer['status']) => ({ state: { ...offer, status } });
    if (type === CartCheckedOut.type) {
      return offer.status === 'used' ? undefined : become('dismissed');
    }
    if (data.code !== offer.code) return;
    switch (type) {
      case OfferShown.type:
        return offer.status === 'offered' ? become('shown') : undefined;
      case OfferDismissed.type:
        return become('dismissed');
      case OfferExpired.type:
        return become('expired');
      case CouponRedeemed.type:
        return become('used');
      case CouponReturned.type: {
        const returnedBy = [...offer.returnedBy, data.orderId].slice(-MAX_RETURNS);
        return { state: { ...offer, status: 'shown', returnedBy } };
      }
    }
  },
});

const MAX_RETURNS = 20;

/** A view: which offer the pages show, and which code the checkout accepts. */
export const offers = knowsReleases(declared);
