import { z } from 'zod';
import type { EventOf, NewEvent } from '#contracts/contract';
import { OrderSubmitted } from '#contracts/orders';
import {
  CartCheckedOut,
  CouponApplied,
  CouponRedeemed,
  CouponRefused,
  CouponReturned,
  ItemAddedToCart,
  ItemRemovedFromCart,
} from '#contracts/visitors';
import { CouponCode, Money, OrderId, Quantity, Sku } from '#contracts/values';
import type { Offer } from './offers.ts';

/** What a visitor has in the cart: the fold of the shop's own events about them. */
export const Cart = z.object({
  lines: z.array(z.object({ sku: Sku, quantity: Quantity, unitPrice: Money })),
  coupon: z.object({ code: CouponCode, percent: z.int() }).nullable(),
  /** Coupons used up, with the order that used them. */
  redeemed: z.record(CouponCode, OrderId),
});
export type Cart = z.output<typeof Cart>;
export const emptyCart: Cart = { lines: [], coupon: null, redeemed: {} };

/** Different products in one cart, and pieces of one. */
export const MAX_LINES = 50;
export const MAX_QUANTITY = 99;

export type CartCommand =
  | { do: 'add'; sku: string; quantity: number; unitPrice: Money }
  | { do: 'remove'; sku: string; quantity: number | null }
  | { do: 'apply coupon'; code: string }
  | { do: 'check out'; orderId: string; names: Record<string, string>; customer: Customer };

export interface Customer {
  name: string;
  email: string;
  address: string;
}

/** Who asks, and when (ms). */
export interface Asked {
  visitorId: string;
  optedOut: boolean;
  at: number;
}

/** The events of a decision, and, when it is a no, the sentence for the visitor. */
export interface Answer {
  append: NewEvent[];
  refused?: string;
}

/** Decides a command. Pure; what is already so answers with no event. */
export function decide(cart: Cart, offer: Offer | null, command: CartCommand, by: Asked): Answer {
  switch (command.do) {
    case 'add':
      return add(cart, command, by);
    case 'remove':
      return remove(cart, command, by);
    case 'apply coupon':
      return applyCoupon(cart, offer, command.code, by);
    case 'check out':
      return checkOut(cart, offer, command, by);
  }
}

function add(cart: Cart, command: Extract<CartCommand, { do: 'add' }>, by: Asked): Answer {
  const { sku, quantity, unitPrice } = command;
  const line = cart.lines.find((l) => l.sku === sku);
  if ((line?.quantity ?? 0) + quantity > MAX_QUANTITY) {
    return {
      append: [],
      refused: `quantity: at most ${MAX_QUANTITY} of one product fit in a cart.`,
    };
  }
  if (!line && cart.lines.length >= MAX_LINES) {
    return { append: [], refused: `The cart is full: at most ${MAX_LINES} different products.` };
  }
  return { append: [ItemAddedToCart({ ...who(by), sku, quantity, unitPrice })] };
}

function remove(cart: Cart, command: Extract<CartCommand, { do: 'remove' }>, by: Asked): Answer {
  const line = cart.lines.find((l) => l.sku === command.sku);
  if (!line) return { append: [] };
  const { sku, unitPrice } = line;
  const quantity = Math.min(line.quantity, command.quantity ?? line.quantity);
  return { append: [ItemRemovedFromCart({ ...who(by), sku, quantity, unitPrice })] };
}

function applyCoupon(cart: Cart, offer: Offer | null, code: string, by: Asked): Answer {
  if (cart.coupon?.code === code) return { append: [] };
  const why = whyNot(cart, offer, code, by.at);
  if (why) {
    const append = [CouponRefused({ ...who(by), code, reason: why })];
    return { append, refused: `code: ${SENTENCES[why]}` };
  }
  return { append: [CouponApplied({ ...who(by), code, percent: offer!.percent })] };
}

function checkOut(
  cart: Cart,
  offer: Offer | null,
  command: Extract<CartCommand, { do: 'check out' }>,
  by: Asked,
): Answer {
  if (cart.lines.length === 0)
    return { append: [], refused: 'The cart is empty: add a product first.' };
  const { orderId, names, customer } = command;
  const { coupon } = cart;
  const why = coupon && whyNot(cart, offer, coupon.code, by.at);
  if (why) {
    const append = [CouponRefused({ ...who(by), code: coupon.code, reason: why })];
    return {
      append,
      refused: `${SENTENCES[why]} The total has changed; look at it and order again.`,
    };
  }
  const { discount, total } = totals(cart);
  const lines = cart.lines.map((line) => ({ ...line, name: names[line.sku] ?? line.sku }));
  const { visitorId } = by;
  const used = coupon ? { ...coupon, discount } : undefined;
  const order = { orderId, visitorId, lines, total, customer, coupon: used };
  const redeemed = coupon ? [CouponRedeemed({ ...who(by), code: coupon.code, orderId })] : [];
  const skus = cart.lines.map(({ sku }) => sku);
  const checkedOut = CartCheckedOut({ ...who(by), orderId, skus, total });
  return { append: [...redeemed, checkedOut, OrderSubmitted(order)] };
}

const SENTENCES = {
  'empty cart': 'Put something in the cart first, then use the coupon.',
  unknown: 'This coupon was not offered to you.',
  expired: 'This coupon has expired.',
  used: 'This coupon was used already.',
} as const;

/** Why a coupon does not count: right visitor, before expiry, once. */
function whyNot(cart: Cart, offer: Offer | null, code: string, at: number) {
  if (cart.lines.length === 0) return 'empty cart' as const;
  if (!offer || offer.code !== code) return 'unknown' as const;
  const usedBy = cart.redeemed[code];
  // Returned is known from the log a little later than redeemed; until then it counts as used.
  if (usedBy !== undefined && !offer.returnedBy.includes(usedBy)) return 'used' as const;
  return at >= offer.expiresAt ? ('expired' as const) : null;
}

function who({ visitorId, optedOut }: Asked) {
  return { visitorId, optedOut };
}

type CartEvent = EventOf<
  | typeof ItemAddedToCart
  | typeof ItemRemovedFromCart
  | typeof CouponApplied
  | typeof CouponRefused
  | typeof CouponRedeemed
  | typeof CouponReturned
  | typeof CartCheckedOut
>;

/** The cart after one of its events. */
export function evolve(cart: Cart, { type, data }: Pick<CartEvent, 'type' | 'data'>): Cart {
  const event = { type, data } as CartEvent;
  switch (event.type) {
    case ItemAddedToCart.type:
      return { ...cart, lines: changeLine(cart.lines, event.data, event.data.quantity) };
    case ItemRemovedFromCart.type:
      return { ...cart, lines: changeLine(cart.lines, event.data, -event.data.quantity) };
    case CouponApplied.type:
      return { ...cart, coupon: { code: event.data.code, percent: event.data.percent } };
    case CouponRefused.type:
      return cart.coupon?.code === event.data.code ? { ...cart, coupon: null } : cart;
    case CouponRedeemed.type:
      return { ...cart, redeemed: { ...cart.redeemed, [event.data.code]: event.data.orderId } };
    case CartCheckedOut.type:
      return { ...cart, lines: [], coupon: null };
    default:
      return cart;
  }
}

function changeLine(
  lines: Cart['lines'],
  { sku, unitPrice }: { sku: string; unitPrice: Money },
  by: number,
): Cart['lines'] {
  const line = lines.find((l) => l.sku === sku);
  if (!line) return by > 0 ? [...lines, { sku, quantity: by, unitPrice }] : lines;
  const quantity = line.quantity + by;
  if (quantity <= 0) return lines.filter((l) => l !== line);
  return lines.map((l) => (l === line ? { sku, quantity, unitPrice } : l));
}

/** An offer is shown while it may still be used, and only to a cart with something in it. */
export function isOpen(offer: Offer | null, cart: Cart, at: number): offer is Offer {
  if (!offer || cart.lines.length === 0 || cart.coupon || at >= offer.expiresAt) return false;
  return offer.status === 'offered' || offer.status === 'shown';
}

/** Subtotal, discount (rounded down to the cent) and total. */
export function totals(cart: Cart): { subtotal: Money; discount: Money; total: Money } {
  const cents = cart.lines.reduce((sum, l) => sum + l.quantity * l.unitPrice.cents, 0);
  const off = cart.coupon ? Math.floor((cents * cart.coupon.percent) / 100) : 0;
  const euros = (amount: number): Money => ({ cents: amount, currency: 'EUR' });
  return { subtotal: euros(cents), discount: euros(off), total: euros(cents - off) };
}
