import { price } from '../money.ts';
import type { Landed } from './story.ts';

type Data = Record<string, any>;

/** What happened, in the words of whom it happened to; empty for a type that is new here. */
export function sentenceOf({ event }: Landed): string {
  return Object.hasOwn(sentences, event.type) ? sentences[event.type]!(event.data) : '';
}

const sentences: Record<string, (data: Data) => string> = {
  PageViewed: ({ title, url }) => `You opened ${title ? `“${title}”` : pathOf(url)}`,
  ProductViewed: ({ sku }) => `You looked at ${sku}`,
  ProductsSearched: ({ query }) => `You searched for “${query}”`,
  CartViewed: () => 'You opened the cart',
  CheckoutStarted: () => 'You opened the checkout',
  ExitIntended: () => 'You were about to leave',
  OfferShown: ({ code }) => `Your browser showed you the coupon ${code}`,
  OfferDismissed: ({ code }) => `You closed the coupon ${code}`,
  OfferClicked: ({ code }) => `You took the coupon ${code}`,
  CustomHit: ({ category, action }) => `The page told of ${category}: ${action}`,
  ItemAddedToCart: ({ quantity, sku }) => `You put ${quantity} × ${sku} in the cart`,
  ItemRemovedFromCart: ({ quantity, sku }) => `You took ${quantity} × ${sku} out of the cart`,
  CouponApplied: ({ code, percent }) => `Coupon ${code} counts for your cart: ${percent}% off`,
  CouponRefused: ({ code, reason }) => `Coupon ${code} does not count: ${reason}`,
  CouponRedeemed: ({ code }) => `Your order used up coupon ${code}`,
  CouponReturned: ({ code }) => `The order failed, so coupon ${code} is yours again`,
  CartCheckedOut: ({ total }) => `Your cart became an order of ${price(total)}`,
  CouponOffered: ({ code, percent }) => `A coupon for you: ${percent}% off with ${code}`,
  OfferWithheld: () => 'A coupon was due, but you are in the control group that gets none',
  OfferExpired: ({ code }) => `Coupon ${code} ran out`,
  ModelPromoted: ({ model, threshold }) =>
    `Visits are scored with the model ${model}; a score of ${threshold} brings a coupon`,
  ReleaseChanged: ({ application, shares = [] }) =>
    `Visitors are on ${application} ${shares.map(shareOf).join(', ')}`,
  OrderSubmitted: ({ total }) => `You ordered, for ${price(total)}`,
  OrderPlaced: () => 'The order is taken up, and stock is asked for each line',
  OrderConfirmed: () => 'Everything is set aside, so the order is confirmed',
  OrderRejected: () => 'Something was short, so the order is rejected',
  OrderCancelled: () => 'The stock did not answer in time, so the order is cancelled',
  OrderShipped: () => 'The parcel is on its way',
  StockRequested: ({ quantity, sku }) => `Asks for ${quantity} × ${sku}`,
  StockReserved: ({ quantity, sku }) => `${quantity} × ${sku} set aside for you`,
  StockRefused: ({ quantity, sku, onHand }) => `${quantity} × ${sku} wanted, ${onHand} there`,
  StockReleaseRequested: ({ sku }) => `${sku} is no longer wanted`,
  StockCommitted: ({ sku }) => `${sku} leaves the house`,
  StockLevelChanged: ({ onHand, sku }) => `${onHand} × ${sku} left to sell`,
  ProductSeen: ({ sku }) => `One more has seen ${sku}`,
  SeenTogether: ({ sku, other }) => `Who looks at ${sku} also looks at ${other}`,
  BoughtTogether: ({ sku, other }) => `Who buys ${sku} also buys ${other}`,
  PopularityTold: ({ sku, other }) => `${other} tells ${sku} how often it is looked at`,
};

const shareOf = ({ release, percent }: { release: string; percent: number }) =>
  `${release} (${percent} %)`;

function pathOf(url: string): string {
  return URL.canParse(url) ? new URL(url).pathname : url;
}

/** Why a coupon came, or did not: what was seen, what it came to, and how much was enough. */
export interface Verdict {
  score: string;
  saw: string[];
  model: string;
}

/** The decision in an event of feedback; `events` may have the model's threshold. */
export function verdictOf({ event }: Landed, events: readonly Landed[]): Verdict | null {
  const { features, score, model } = event.data as Data;
  if (typeof score !== 'number' || typeof features !== 'object') return null;
  const promoted = events.findLast(
    (other) => other.event.type === 'ModelPromoted' && other.event.data['model'] === model,
  );
  const threshold = promoted?.event.data['threshold'];
  const enough = threshold === undefined ? '' : `; ${Number(threshold).toFixed(2)} is enough`;
  return { score: `${score.toFixed(2)} that you leave${enough}`, saw: sawIn(features), model };
}

function sawIn(features: Record<string, number>): string[] {
  const { itemsInCart = 0, cartValue = 0, productViews = 0, idleSeconds = 0 } = features;
  const { cartReturns = 0, exitIntent = 0, checkoutStarted = 0 } = features;
  return [
    `${counted(itemsInCart, 'thing')} in the cart, worth ${price({ cents: Math.round(cartValue * 100), currency: 'EUR' })}`,
    `${counted(productViews, 'product')} looked at`,
    `${counted(idleSeconds, 'second')} without a move`,
    ...(cartReturns > 0 ? [`back in the cart ${counted(cartReturns, 'time')}`] : []),
    ...(exitIntent > 0 ? ['the pointer left the window'] : []),
    ...(checkoutStarted > 0 ? ['the checkout was open'] : []),
  ];
}

const counted = (count: number, thing: string) => `${count} ${thing}${count === 1 ? '' : 's'}`;

/** A duration as one says it: `4 ms`, `18.2 s`, `3 min`, `2 h`. Clocks that differ make no minus. */
export function span(ms: number): string {
  const whole = Math.max(0, Math.round(ms));
  if (whole < 1000) return `${whole} ms`;
  if (whole < 60_000) return `${(whole / 1000).toFixed(whole < 20_000 ? 1 : 0)} s`;
  return whole < 3_600_000
    ? `${Math.floor(whole / 60_000)} min`
    : `${Math.floor(whole / 3_600_000)} h`;
}

/** How long ago, in whole seconds. */
export function age(ms: number): string {
  const seconds = Math.max(0, Math.floor(ms / 1000));
  return seconds === 0 ? 'now' : span(seconds * 1000).replace('.0', '');
}

/** Said at a door (the collector, the shop's API), or made of another event by a service. */
export const isFromDoor = ({ event }: Landed) => event.causationid === event.id;

/** From when it was said at the door, or was due by the log's own time, to when it was there, ms. */
export const lagOf = ({ event, landedAt }: Landed) => landedAt - Date.parse(event.time);

export function lagSentence(landed: Landed): string {
  const lag = span(lagOf(landed));
  return isFromDoor(landed)
    ? `It was on the log ${lag} after the service had it at its door.`
    : `It was on the log ${lag} after it was due: when its cause had landed, or its time had come.`;
}
