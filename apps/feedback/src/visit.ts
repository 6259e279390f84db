import { z } from 'zod';
import type { EventOf } from '#contracts/contract';
import { CouponCode, Instant, Sku } from '#contracts/values';
import {
  CartCheckedOut,
  CartViewed,
  CheckoutStarted,
  CouponApplied,
  CouponOffered,
  CouponRedeemed,
  CouponRefused,
  CouponReturned,
  CustomHit,
  ExitIntended,
  ItemAddedToCart,
  ItemRemovedFromCart,
  OfferClicked,
  OfferDismissed,
  OfferWithheld,
  PageViewed,
  ProductsSearched,
  ProductViewed,
} from '#contracts/visitors';
import type { FeatureName } from './model.ts';

/** A visit ends when the visitor has been silent for so long. */
export const VISIT_MS = 30 * 60_000;
/** Different products of a cart that are followed; what comes on top is not scored. */
export const CART_LIMIT = 100;
/** Beyond its cap a feature says nothing more, and a counter stops. */
export const CAPS = {
  itemsInCart: 20,
  cartValue: 500,
  productViews: 50,
  idleSeconds: 120,
  cartReturns: 10,
} as const;

const Line = z.object({ quantity: z.int().positive(), unitCents: z.int().min(0) });

export const Visit = z.object({
  cart: z.record(Sku, Line),
  productViews: z.int().min(0),
  cartViews: z.int().min(0),
  exitIntent: z.boolean(),
  checkoutStarted: z.boolean(),
  optedOut: z.boolean(),
  lastActionAt: Instant,
  lastSeenAt: Instant,
  /** Decided, and the answer not read back from the log yet. */
  asked: z.boolean(),
  /** The coupon that the log says was offered; open while it can still be used. */
  offer: z.object({ code: CouponCode, expiresAt: Instant, open: z.boolean() }).nullable(),
  withheld: z.boolean(),
});
export type Visit = z.output<typeof Visit>;

/** What a visit is made of, in the words of the `visitors` topic. */
export const visitEvents = [
  PageViewed,
  ProductViewed,
  ProductsSearched,
  CartViewed,
  CheckoutStarted,
  ExitIntended,
  OfferDismissed,
  OfferClicked,
  CustomHit,
  ItemAddedToCart,
  ItemRemovedFromCart,
  CouponApplied,
  CouponRefused,
  CouponRedeemed,
  CouponReturned,
  CartCheckedOut,
  CouponOffered,
  OfferWithheld,
] as const;
export type VisitEvent = EventOf<(typeof visitEvents)[number]>;

export function beginVisit(at: number): Visit {
  return {
    cart: {},
    productViews: 0,
    cartViews: 0,
    exitIntent: false,
    checkoutStarted: false,
    optedOut: false,
    lastActionAt: at,
    lastSeenAt: at,
    asked: false,
    offer: null,
    withheld: false,
  };
}

/** The visit after this event; what a release keeps of it beside is carried along. */
export function follow<V extends Visit>(visit: V, event: VisitEvent): V {
  return followed(visit, event) as V;
}

function followed(visit: Visit, event: VisitEvent): Visit {
  switch (event.type) {
    case CouponOffered.type: {
      const { code, expiresAt } = event.data;
      return { ...visit, asked: false, offer: { code, expiresAt, open: true } };
    }
    case OfferWithheld.type:
      return { ...visit, asked: false, withheld: true };
    case CouponReturned.type:
      return reopen(visit, event.data.code, true);
    case ExitIntended.type:
      // Reaching for the way out is no action: the hesitation before it goes on.
      return { ...visit, exitIntent: true, lastSeenAt: event.time };
    default:
      return act(visit, event);
  }
}

type Action = Exclude<
  VisitEvent,
  EventOf<typeof CouponOffered | typeof OfferWithheld | typeof CouponReturned | typeof ExitIntended>
>;

function act(before: Visit, event: Action): Visit {
  const { time } = event;
  const visit = { ...before, exitIntent: false, lastActionAt: time, lastSeenAt: time };
  if ('optedOut' in event.data) visit.optedOut = event.data.optedOut;
  switch (event.type) {
    case ProductViewed.type:
      visit.productViews = Math.min(visit.productViews + 1, CAPS.productViews);
      visit.checkoutStarted = false;
      return visit;
    case CartViewed.type:
      visit.cartViews = Math.min(visit.cartViews + 1, CAPS.cartReturns + 1);
      visit.checkoutStarted = false;
      return visit;
    case CheckoutStarted.type:
      visit.checkoutStarted = true;
      return visit;
    case ItemAddedToCart.type: {
      const { sku, quantity, unitPrice } = event.data;
      visit.cart = changeCart(visit.cart, sku, quantity, unitPrice.cents);
      return visit;
    }
    case ItemRemovedFromCart.type: {
      const { sku, quantity, unitPrice } = event.data;
      visit.cart = changeCart(visit.cart, sku, -quantity, unitPrice.cents);
      return visit;
    }
    case CartCheckedOut.type:
      visit.cart = {};
      visit.checkoutStarted = false;
      return visit;
    case CouponRedeemed.type:
      return reopen(visit, event.data.code, false);
    default:
      return visit;
  }
}

function reopen(visit: Visit, code: string, open: boolean): Visit {
  return visit.offer?.code === code ? { ...visit, offer: { ...visit.offer, open } } : visit;
}

function changeCart(
  cart: Visit['cart'],
  sku: string,
  pieces: number,
  unitCents: number,
): Visit['cart'] {
  const { [sku]: line, ...others } = cart;
  const quantity = (line?.quantity ?? 0) + pieces;
  if (quantity <= 0) return others;
  if (!line && Object.keys(others).length >= CART_LIMIT) return cart;
  return { ...others, [sku]: { quantity, unitCents } };
}

export function isCartEmpty(visit: Visit): boolean {
  return Object.keys(visit.cart).length === 0;
}

/** What the model looks at. `at` is log time in ms; money is in EUR. */
export function featuresOf(visit: Visit, at: number): Record<FeatureName, number> {
  const lines = Object.values(visit.cart);
  const pieces = lines.reduce((sum, line) => sum + line.quantity, 0);
  const cents = lines.reduce((sum, line) => sum + line.quantity * line.unitCents, 0);
  return {
    itemsInCart: Math.min(pieces, CAPS.itemsInCart),
    cartValue: Math.min(cents / 100, CAPS.cartValue),
    productViews: visit.productViews,
    // Whole seconds, so that a timer can be set to the very moment a score crosses the threshold.
    idleSeconds: Math.min(Math.floor((at - visit.lastActionAt) / 1000), CAPS.idleSeconds),
    cartReturns: Math.max(visit.cartViews - 1, 0),
    exitIntent: Number(visit.exitIntent),
    checkoutStarted: Number(visit.checkoutStarted),
  };
}
