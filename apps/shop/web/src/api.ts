/** The shop's HTTP interface as the browser sees it: docs/http-api.md in types, and its calls. */

import type { Landed } from './log/story.ts';

export interface Money {
  cents: number;
  currency: 'EUR';
}

export interface Product {
  sku: string;
  name: string;
  category: string;
  price: Money;
  /** Path of a picture on this origin. */
  picture: string;
  /** On hand and not reserved. */
  available: number;
}

export interface ProductPage extends Product {
  description: string;
  alsoLookedAt: (Product & { reason: 'bought together' | 'seen together'; count: number })[];
}

export interface Catalogue {
  products: Product[];
  total: number;
  page: number;
  pageSize: number;
  /** With the picture of a product in it. */
  categories: { name: string; count: number; picture: string }[];
}

export interface CartLine {
  sku: string;
  name: string;
  picture: string;
  quantity: number;
  unitPrice: Money;
}

export interface Cart {
  lines: CartLine[];
  coupon: { code: string; percent: number } | null;
  subtotal: Money;
  discount: Money;
  total: Money;
}

export interface Offer {
  code: string;
  percent: number;
  /** Milliseconds since 1970. */
  expiresAt: number;
  status: 'offered' | 'shown';
}

export interface Order {
  orderId: string;
  status: 'submitted' | 'placed' | 'confirmed' | 'rejected' | 'cancelled' | 'shipped';
  lines: { sku: string; name: string; quantity: number; unitPrice: Money }[];
  /** `discount`: what it took off the sum of the lines. */
  coupon: { code: string; discount: Money } | null;
  total: Money;
  short: { sku: string; requested: number; onHand: number }[];
  /** Milliseconds since 1970. */
  submittedAt: number;
}

export interface Me {
  visitorId: string;
  optedOut: boolean;
  /** The release of each application that answers this visitor. */
  releases: Record<string, string>;
  cart: Cart;
  offer: Offer | null;
  /** Newest first. */
  orders: Order[];
}

export interface Checkout {
  orderId: string;
  name: string;
  email: string;
  address: string;
}

export interface Config {
  /** Where the tag sends what happens on the page. */
  collectorUrl: string;
}

/** A refusal, or no answer at all (status 0). The message is a sentence to show. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly field?: string,
  ) {
    super(message);
  }
}

export const api = {
  /** `query` is the query string of the catalogue, as documented for the interface. */
  products: (query: string) => call<Catalogue>('GET', `products?${query}`),
  product: (sku: string) => call<ProductPage>('GET', `products/${encodeURIComponent(sku)}`),
  config: () => call<Config>('GET', 'config'),
  story: () => call<{ events: Landed[] }>('GET', 'story'),
  popular: () => call<{ products: (Product & { popularity: number })[] }>('GET', 'popular'),
  order: (orderId: string) => call<Order>('GET', `orders/${encodeURIComponent(orderId)}`),
  addToCart: (sku: string, quantity = 1) => call<Me>('POST', 'cart/items', { sku, quantity }),
  /** Without a quantity the whole line goes. */
  removeFromCart: (sku: string, quantity?: number) =>
    call<Me>(
      'DELETE',
      `cart/items/${encodeURIComponent(sku)}${quantity ? `?quantity=${quantity}` : ''}`,
    ),
  applyCoupon: (code: string) => call<Me>('POST', 'cart/coupon', { code }),
  checkout: (form: Checkout) => call<{ orderId: string }>('POST', 'checkout', form),
};

async function call<T>(method: string, path: string, body?: unknown): Promise<T> {
  const init: RequestInit = { method };
  if (body !== undefined) {
    init.headers = { 'content-type': 'application/json' };
    init.body = JSON.stringify(body);
  }
  const response = await fetch(`/api/${path}`, init).catch(() => {
    throw new ApiError(0, 'The shop does not answer. Check your connection and try again.');
  });
  // A proxy in between may answer with something that is not ours to read.
  const answer = await response.json().catch(() => null);
  if (response.ok && answer !== null) return answer as T;
  const sentence = answer?.error ?? `The shop cannot do this just now (${response.status}).`;
  throw new ApiError(response.status, sentence, answer?.field);
}
