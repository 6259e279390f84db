import { z } from 'zod';
import { shadow, stream } from './contract.ts';
import { releaseFields, releasesOf } from './releases.ts';
import {
  CouponCode,
  Instant,
  Money,
  OrderId,
  Quantity,
  Share,
  Sku,
  VisitorId,
  text,
} from './values.ts';

/** The history of a visitor: what they look at, what is in their cart, what we offered. */
export const visitors = stream('visitors', {
  key: 'visitorId',
  timers: ['feedback', 'recommendations'],
});

/** What the tag says with every hit. A tab numbers its hits from 1 and resends until answered. */
const hit = {
  visitorId: VisitorId,
  sessionId: text(64),
  tab: text(64).min(1),
  hit: z.int().positive(),
  site: text(64),
  url: text(2048),
};
const fromTag = { writer: 'collector', numbered: true };

export const PageViewed = visitors.event('PageViewed', 'A visitor opened a page.', fromTag, {
  ...hit,
  title: text(300).optional(),
  referrer: text(2048).optional(),
});
export const ProductViewed = visitors.event(
  'ProductViewed',
  'A visitor looked at a product page.',
  fromTag,
  { ...hit, sku: Sku },
);
export const ProductsSearched = visitors.event(
  'ProductsSearched',
  'A visitor searched the catalogue.',
  fromTag,
  { ...hit, query: text(200), results: z.int().min(0) },
);
export const CartViewed = visitors.event(
  'CartViewed',
  'A visitor looked at the cart.',
  fromTag,
  hit,
);
export const CheckoutStarted = visitors.event(
  'CheckoutStarted',
  'A visitor opened the checkout.',
  fromTag,
  hit,
);
export const ExitIntended = visitors.event(
  'ExitIntended',
  'The pointer left the page upwards, or the tab was about to close.',
  fromTag,
  hit,
);
export const OfferShown = visitors.event('OfferShown', 'The browser showed a coupon.', fromTag, {
  ...hit,
  code: CouponCode,
});
export const OfferDismissed = visitors.event(
  'OfferDismissed',
  'The visitor closed the coupon.',
  fromTag,
  { ...hit, code: CouponCode },
);
export const OfferClicked = visitors.event(
  'OfferClicked',
  'The visitor took the coupon.',
  fromTag,
  { ...hit, code: CouponCode },
);
export const CustomHit = visitors.event(
  'CustomHit',
  "Whatever a page sends with ss('send', 'event', …).",
  fromTag,
  {
    ...hit,
    category: text(150).min(1),
    action: text(500).min(1),
    label: text(500).optional(),
    value: z.number().optional(),
  },
);

/** `optedOut`: the browser asks for Global Privacy Control, so nobody scores this visitor. */
const shopper = { visitorId: VisitorId, optedOut: z.boolean().default(false) };
const fromShop = { writer: 'shop' };

export const ItemAddedToCart = visitors.event(
  'ItemAddedToCart',
  'A visitor put a product in the cart.',
  fromShop,
  { ...shopper, sku: Sku, quantity: Quantity, unitPrice: Money },
);
export const ItemRemovedFromCart = visitors.event(
  'ItemRemovedFromCart',
  'A visitor took a product out of the cart.',
  fromShop,
  { ...shopper, sku: Sku, quantity: Quantity, unitPrice: Money },
);
export const CouponApplied = visitors.event(
  'CouponApplied',
  'A coupon counts for this cart from now on.',
  fromShop,
  { ...shopper, code: CouponCode, percent: z.int().min(1).max(90) },
);
export const CouponRefused = visitors.event(
  'CouponRefused',
  'A coupon was entered that does not count.',
  fromShop,
  { ...shopper, code: CouponCode, reason: z.enum(['unknown', 'expired', 'used', 'empty cart']) },
);
export const CouponRedeemed = visitors.event(
  'CouponRedeemed',
  'A coupon was used up by an order.',
  fromShop,
  { ...shopper, code: CouponCode, orderId: OrderId },
);
export const CouponReturned = visitors.event(
  'CouponReturned',
  'The order failed, so its coupon may be used again.',
  fromShop,
  { ...shopper, code: CouponCode, orderId: OrderId },
);
export const CartCheckedOut = visitors.event(
  'CartCheckedOut',
  'The cart became an order.',
  fromShop,
  {
    ...shopper,
    orderId: OrderId,
    skus: z.array(Sku).min(1).max(100),
    total: Money,
  },
);

/** What the score was computed from: numbers by feature name, rounded to 6 digits. */
const Features = z.record(text(40), z.number());
const decided = { features: Features, score: Share, model: text(60) };
const fromFeedback = { writer: 'feedback' };
/** The release that decided; the first does not say. Void where another is in force. */
const release = text(20).optional();

export const CouponOffered = visitors.event(
  'CouponOffered',
  'The visitor is likely to leave the cart: a coupon, while they are here.',
  fromFeedback,
  {
    visitorId: VisitorId,
    code: CouponCode,
    percent: z.int().min(1).max(90),
    expiresAt: Instant,
    release,
    ...decided,
  },
);
export const OfferWithheld = visitors.event(
  'OfferWithheld',
  'An offer was due, and policy held it back.',
  fromFeedback,
  {
    visitorId: VisitorId,
    reason: z.enum(['control group', 'already answered']),
    release,
    ...decided,
  },
);
export const OfferExpired = visitors.event(
  'OfferExpired',
  'A coupon ran out unused.',
  fromFeedback,
  { visitorId: VisitorId, code: CouponCode },
);

export const ModelPromoted = visitors.event(
  'ModelPromoted',
  'From here on visits are scored with this model.',
  { writer: ['first-facts', 'console'], broadcast: true },
  {
    model: text(60).min(1),
    /** Logistic regression: score = 1 / (1 + exp(-(intercept + Σ coefficient · feature))). */
    intercept: z.number(),
    coefficients: z.record(text(40), z.number()),
    threshold: Share,
    offer: z.object({ percent: z.int().min(1).max(90), validForMs: z.int().positive() }),
  },
);

export const ReleaseChanged = visitors.event(
  'ReleaseChanged',
  'From here on visitors are on these releases of an application.',
  { writer: ['operator', 'console'], broadcast: true },
  releaseFields,
);

for (const name of releasesOf.feedback) {
  const tag = { application: 'feedback', release: name } as const;
  shadow(visitors, tag, [CouponOffered, OfferWithheld, OfferExpired]);
}
