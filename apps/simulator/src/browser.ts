import { randomUUID } from 'node:crypto';
import type { Door } from './door.ts';
import { pause } from './pause.ts';
import { messagesOf } from './server-sent-events.ts';
import { Tab } from './tab.ts';

export interface Offer {
  readonly code: string;
  readonly status: 'offered' | 'shown';
}

export interface Customer {
  readonly name: string;
  readonly email: string;
  readonly address: string;
}

const RECONNECT_MS = 3_000;

/** What a person has in front of them: pages of the shop, its live channel and, hidden, the tag. */
export class Browser {
  /** The `visitor` cookie; kept by whoever wants to come back as the same visitor. */
  cookie: string | null;
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
    const { visitorId } = body as { visitorId: string };
    // Under Global Privacy Control the tag sends nothing.
    if (!this.options.optedOut) {
      this.#tab = new Tab(this.collector, visitorId, this.#left.signal);
    }
    this.#open('/');
    await this.#ask('GET', '/api/popular');
    if (this.options.listens) this.#live = this.#listen();
  }

  async search(query: string): Promise<void> {
    const { status, body } = await this.#ask('GET', `/api/products?q=${encodeURIComponent(query)}`);
    this.#open(`/?q=${encodeURIComponent(query)}`);
    if (status !== 200) return;
    this.#hit('ProductsSearched', { query, results: (body as { total: number }).total });
  }

  /** Pieces that can be had, 0 for a product the shop does not know. */
  async look(sku: string): Promise<number> {
    const { status, body } = await this.#ask('GET', `/api/products/${sku}`);
    if (status !== 200) return 0;
    this.#open(`/products/${sku}`);
    this.#hit('ProductViewed', { sku });
    return (body as { available: number }).available;
  }

  async add(sku: string): Promise<void> {
    await this.#ask('POST', '/api/cart/items', { sku, quantity: 1 });
  }

  async remove(sku: string): Promise<void> {
    await this.#ask('DELETE', `/api/cart/items/${sku}`);
  }

  viewCart(): void {
    this.#open('/cart');
    this.#hit('CartViewed');
  }

  startCheckout(): void {
    this.#open('/checkout');
    this.#hit('CheckoutStarted');
  }

  turnToLeave(): void {
    this.#hit('ExitIntended');
  }

  dismiss({ code }: Offer): void {
    this.#hit('OfferDismissed', { code });
  }

  async take({ code }: Offer): Promise<void> {
    this.#hit('OfferClicked', { code });
    await this.#ask('POST', '/api/cart/coupon', { code });
  }

  /** False when the shop says no, as it does to an empty cart. */
  async order(customer: Customer): Promise<boolean> {
    const order = { orderId: randomUUID(), ...customer };
    const { status } = await this.#ask('POST', '/api/checkout', order);
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

  #open(page: string): void {
    this.#page = page;
    this.#hit('PageViewed');
  }

  #hit(type: string, fields?: object): void {
    this.#tab?.hit(type, new URL(this.#page, this.shop.url).href, fields);
  }

  async #ask(method: string, path: string, body?: object) {
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
      if (event === 'me') this.#notice((JSON.parse(data) as { offer: Offer | null }).offer);
    }
  }

  #notice(offer: Offer | null): void {
    if (!offer || this.#seenOffers.has(offer.code)) return;
    this.#seenOffers.add(offer.code);
    this.#offer = offer;
    if (offer.status === 'offered') this.#hit('OfferShown', { code: offer.code });
    this.#ring.abort();
  }
}
