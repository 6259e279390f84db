import { check } from '#contracts/contract';
import { visitors } from '#contracts/visitors';
import { Browser } from './browser.ts';
import { Door } from './door.ts';

/** A door with its answers written down, that remembers how it was knocked at. */
class ScriptedDoor extends Door {
  readonly knocks: { what: string; headers: Record<string, string>; body: unknown }[] = [];
  /** What the live channel says. */
  readonly live = new TransformStream<Uint8Array, Uint8Array>();
  readonly #said = this.live.writable.getWriter();

  constructor(private readonly answers: Record<string, unknown> = {}) {
    super('shop', 'http://shop');
  }

  override async knock(path: string, init: RequestInit = {}) {
    const what = `${init.method} ${path}`;
    const body = typeof init.body === 'string' ? JSON.parse(init.body) : undefined;
    this.knocks.push({ what, headers: init.headers as Record<string, string>, body });
    const setCookie = ['theme=dark', 'visitor=visitor-1; Path=/; SameSite=Lax'];
    return { status: 200, body: this.answers[what] ?? {}, setCookie };
  }

  override async connect(_path: string, { signal }: RequestInit): Promise<Response> {
    const untilClosed = { signal: signal! };
    return new Response(this.live.readable.pipeThrough(new TransformStream(), untilClosed));
  }

  async say(event: string, data: object): Promise<void> {
    const message = `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`;
    await this.#said.write(new TextEncoder().encode(message));
  }
}

function open(options: Partial<ConstructorParameters<typeof Browser>[2]> = {}) {
  const me = (cents: number) => ({ visitorId: 'visitor-1', cart: { subtotal: { cents } } });
  const shop = new ScriptedDoor({
    'GET /api/me': me(700),
    'POST /api/cart/items': me(3_200),
    'DELETE /api/cart/items/MUG-1': me(700),
    'POST /api/cart/coupon': me(3_200),
    'GET /api/products/MUG-1': { available: 4 },
    'GET /api/products?q=tea%20pot': { total: 7 },
  });
  const collector = new ScriptedDoor();
  const all = { cookie: null, optedOut: false, listens: false, ...options };
  const browser = new Browser(shop, collector, all);
  const hits = () => collector.knocks.flatMap(({ body }) => body as Record<string, unknown>[]);
  return { shop, collector, browser, hits };
}

/** What the collector asks of a hit before it takes it. */
function expectTaken(hits: Record<string, unknown>[]): void {
  for (const { type, ...data } of hits) {
    const contract = visitors.events.get(String(type))!;
    expect(contract.writers).toContain('collector');
    check(contract.type, contract.schema, data);
  }
}

const offer = { code: 'STAY-10', percent: 10, status: 'offered' } as const;

describe('a browser', () => {
  it('keeps the visitor cookie it is given and sends it from then on', async () => {
    const { shop, browser } = open();
    await browser.arrive();
    await browser.leave();
    expect(shop.knocks.map(({ headers }) => headers.cookie)).toEqual([
      undefined,
      'visitor=visitor-1',
    ]);
    expect(browser.cookie).toBe('visitor=visitor-1');
  });

  it('stays who it was at an earlier visit', async () => {
    const { shop, browser } = open({ cookie: 'visitor=earlier' });
    await browser.arrive();
    await browser.leave();
    expect(shop.knocks[0]!.headers.cookie).toBe('visitor=earlier');
    expect(browser.cookie).toBe('visitor=earlier');
  });

  it('tells the collector what the visitor does, with the address of the page', async () => {
    const { browser, hits } = open();
    await browser.arrive();
    await browser.search('tea pot');
    expect(await browser.look('MUG-1')).toMatchObject({ available: 4 });
    browser.viewCart();
    browser.startCheckout();
    browser.turnToLeave();
    await browser.leave();
    expect(hits().map(({ type, url }) => `${type} ${url}`)).toEqual([
      'PageViewed http://shop/',
      'PageViewed http://shop/?q=tea%20pot',
      'ProductsSearched http://shop/?q=tea%20pot',
      'PageViewed http://shop/products/MUG-1',
      'ProductViewed http://shop/products/MUG-1',
      'PageViewed http://shop/cart',
      'CartViewed http://shop/cart',
      'PageViewed http://shop/checkout',
      'CheckoutStarted http://shop/checkout',
      'ExitIntended http://shop/checkout',
    ]);
    expect(hits().map(({ hit }) => hit)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(hits()[2]).toMatchObject({ visitorId: 'visitor-1', query: 'tea pot', results: 7 });
    expectTaken(hits());
  });

  it('knows what the cart comes to, also one that was left here earlier', async () => {
    const { browser } = open();
    await browser.arrive();
    expect(browser.cartCents).toBe(700);
    await browser.add('MUG-1');
    expect(browser.cartCents).toBe(3_200);
    await browser.remove('MUG-1');
    expect(browser.cartCents).toBe(700);
    await browser.leave();
  });

  it('sends no hit under Global Privacy Control, and tells the shop', async () => {
    const { shop, browser, collector } = open({ optedOut: true });
    await browser.arrive();
    await browser.look('MUG-1');
    await browser.leave();
    expect(collector.knocks).toEqual([]);
    expect(shop.knocks.map(({ headers }) => headers['sec-gpc'])).toEqual(['1', '1', '1']);
  });

  it('shows a coupon as soon as the shop speaks of it, once', async () => {
    const { shop, browser, hits } = open({ listens: true });
    await browser.arrive();
    const waiting = browser.offerWithin(60_000);
    await shop.say('stock', { sku: 'MUG-1', available: 3 });
    await shop.say('me', { offer: { ...offer, score: 0.93, features: {} } });
    expect(await waiting).toEqual(offer); // Nobody sees the score that brought it.
    await shop.say('me', { offer: { ...offer, status: 'shown' } });
    expect(await browser.offerWithin(1)).toBeNull();
    await browser.leave();
    expect(hits().filter(({ type }) => type === 'OfferShown')).toMatchObject([{ code: 'STAY-10' }]);
  });

  it('enters the coupon that is taken, and says so', async () => {
    const { shop, browser, hits } = open();
    await browser.arrive();
    await browser.take(offer);
    browser.dismiss(offer);
    await browser.leave();
    expect(shop.knocks.at(-1)).toMatchObject({
      what: 'POST /api/cart/coupon',
      body: { code: 'STAY-10' },
    });
    expect(hits().slice(1)).toMatchObject([
      { type: 'OfferClicked', code: 'STAY-10' },
      { type: 'OfferDismissed', code: 'STAY-10' },
    ]);
    expectTaken(hits());
  });

  it('stops waiting when it is closed', async () => {
    const { browser } = open({ listens: true });
    await browser.arrive();
    const waiting = browser.offerWithin(60_000);
    browser.close();
    expect(await waiting).toBeNull();
    expect(browser.closed).toBe(true);
    await browser.leave();
  });
});
