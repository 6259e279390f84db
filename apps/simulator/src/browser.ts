import { randomUUID } from 'node:crypto';
import type { Answer, Door } from './door.ts';
import { pause } from './pause.ts';
import { messagesOf } from './server-sent-events.ts';
import { Tab } from './tab.ts';
import { tagHits } from './tag-hits.ts';
import type { Deed } from './visit.ts';

export interface Offer {
  readonly code: string;
  readonly percent: number;
  readonly status: 'offered' | 'shown';
}

export interface Customer {
  readonly name: string;
  readonly email: string;
  readonly address: string;
}

/** What the shop's `me` says, as far as a shopper looks at it. */
interface Me {
  readonly visitorId: string;
  readonly cart: { readonly subtotal: { readonly cents: number } };
  readonly offer: Offer | null;
}

const RECONNECT_MS = 3_000;

/** What a person has in front of them: pages of the shop, its live channel and, hidden, the tag. */
export class Browser {
  /** The `visitor` cookie; kept by whoever wants to come back as the same visitor. */
  cookie: string | null;
  visitorId: string | null = null;
  /** To be paid for what is in the cart, without a coupon. */
  cartCents = 0;
  #tab: Tab | null = null;
  #page = '/';
  #seenOffers = new Set<string>();
  #offer: Offer | null = null;
  #ring = new AbortController();
  #live: Promise<void> = Promise.resolve();
  readonly #left = new AbortController();

  constructor(
    private readonly shop: Door,
    private readonly collector: Door,
    private readonly options: { cookie: string | null; optedOut: boolean; listens: boolean },
  ) {
    this.cookie = options.cookie;
  }

  /** Opens the shop. Throws Away, as everything here that asks the shop does. */
  async arrive(): Promise<void> {
    const { body } = await this.#ask('GET', '/api/me');
    const { visitorId, cart } = body as Me;
    this.visitorId = visitorId;
    this.cartCents = cart.subtotal.cents;
    // Under Global Privacy Control the tag sends nothing.
    if (!this.options.optedOut) {
      this.#tab = new Tab(this.collector, visitorId, this.#left.signal);
    }
    this.#tell({ do: 'arrive' });
    await this.#ask('GET', '/api/popular');
    if (this.options.listens) this.#live = this.#listen();
  }

  async search(query: string): Promise<void> {
    const { status, body } = await this.#ask('GET', `/api/products?q=${encodeURIComponent(query)}`);
    const found = status === 200 ? (body as { total: number }).total : undefined;
    this.#tell({ do: 'search', query }, { found });
  }

  /** The product on its page, null for one the shop does not know. */
  async look(sku: string): Promise<{ available: number } | null> {
    const { status, body } = await this.#ask('GET', `/api/products/${sku}`);
    if (status !== 200) return null;
    this.#tell({ do: 'look', sku });
    return body as { available: number };
  }

  async add(sku: string): Promise<void> {
    this.#filled(await this.#ask('POST', '/api/cart/items', { sku, quantity: 1 }));
  }

  async remove(sku: string): Promise<void> {
    this.#filled(await this.#ask('DELETE', `/api/cart/items/${sku}`));
  }

  viewCart(): void {
    this.#tell({ do: 'view cart' });
  }

  startCheckout(): void {
    this.#tell({ do: 'start checkout' });
  }

  turnToLeave(): void {
    this.#tell({ do: 'turn to leave' });
  }

  dismiss({ code }: Offer): void {
    this.#tell({ do: 'dismiss coupon' }, { code });
  }

  async take({ code }: Offer): Promise<void> {
    this.#tell({ do: 'take coupon' }, { code });
    await this.#ask('POST', '/api/cart/coupon', { code });
  }

  /** False when the shop says no, as it does to an empty cart. */
  async order(customer: Customer): Promise<boolean> {
    const order = { orderId: randomUUID(), ...customer };
    const { status } = await this.#ask('POST', '/api/checkout', order);
    if (status === 202) this.cartCents = 0;
    return status === 202;
  }

  /** Waits, but not longer than until a coupon comes up. Each coupon comes up once. */
  async offerWithin(ms: number): Promise<Offer | null> {
    if (!this.#offer) await pause(ms, this.#ring.signal, this.#left.signal);
    const offer = this.#offer;
    this.#offer = null;
    this.#ring = new AbortController();
    return offer;
  }

  get closed(): boolean {
    return this.#left.signal.aborted;
  }

  /** Leaves when the last hit is answered. */
  async leave(): Promise<void> {
    await this.#tab?.answered();
    this.close();
    await this.#live;
  }

  /** Gone at once, like a browser that is killed. */
  close(): void {
    this.#left.abort();
  }

  #filled({ status, body }: Answer): void {
    if (status === 200) this.cartCents = (body as Me).cart.subtotal.cents;
  }

  #tell(deed: Deed, seen?: Parameters<typeof tagHits>[1]): void {
    const { page, hits } = tagHits(deed, seen);
    this.#page = page ?? this.#page;
    for (const { type, fields } of hits) this.#hit(type, fields);
  }

  #hit(type: string, fields?: object): void {
    this.#tab?.hit(type, new URL(this.#page, this.shop.url).href, fields);
  }

  async #ask(method: string, path: string, body?: object): Promise<Answer> {
    const answer = await this.shop.knock(path, {
      method,
      headers: {
        ...this.#headers(),
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    const given = answer.setCookie.find((cookie) => cookie.startsWith('visitor='));
    this.cookie ??= given?.split(';')[0] ?? null;
    return answer;
  }

  #headers(): Record<string, string> {
    return {
      ...(this.cookie && { cookie: this.cookie }),
      ...(this.options.optedOut && { 'sec-gpc': '1' }),
    };
  }

  async #listen(): Promise<void> {
    const { signal } = this.#left;
    while (!signal.aborted) {
      try {
        const response = await this.shop.connect('/api/live', { headers: this.#headers(), signal });
        await this.#read(response);
      } catch {
        // Whatever cuts a live channel, the browser opens it again and is told everything anew.
      }
      await pause(RECONNECT_MS, signal);
    }
  }

  async #read(response: Response): Promise<void> {
    if (response.status !== 200 || !response.body) return;
    for await (const { event, data } of messagesOf(response.body)) {
      if (event === 'me') this.#notice((JSON.parse(data) as Me).offer);
    }
  }

  #notice(offer: Offer | null): void {
    if (!offer || this.#seenOffers.has(offer.code)) return;
    this.#seenOffers.add(offer.code);
    // What a page shows, and nothing that may come with it: least of all what decided.
    const { code, percent, status } = offer;
    this.#offer = { code, percent, status };
    if (offer.status === 'offered') this.#hit('OfferShown', { code: offer.code });
    this.#ring.abort();
  }
}
