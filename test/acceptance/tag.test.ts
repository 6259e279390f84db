import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { IncomingMessage, RequestListener, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { eventTypeOf } from '#contracts/contract';
import '#contracts/all';
import { openBrowser } from '../../tools/browser.ts';

/*
 * The tag in a real browser, against a collector that answers as each test wants. Page and
 * collector are two origins, as they are in life.
 */
type Hit = Record<string, unknown> & { type: string; hit: number };
interface Call {
  hits: Hit[];
  beacon: boolean;
}

const tag = readFileSync('apps/collector/src/tag.js');

class ScriptedCollector extends EventEmitter {
  readonly calls: Call[] = [];
  /** Status of the next answers; 0 cuts the line, -1 never answers. Afterwards 204. */
  answers: number[] = [];
  readonly server = createServer((request, response) => void this.take(request, response));

  get hits(): Hit[] {
    return this.calls.flatMap((call) => call.hits);
  }

  /** The hit of that type which came first: what is sent again may come after it. */
  first(type: string): Hit {
    return this.hits.find((hit) => hit.type === type)!;
  }

  /** Waits until the calls so far satisfy `enough`. */
  async until(enough: (calls: Call[]) => boolean): Promise<void> {
    while (!enough(this.calls)) await once(this, 'call', { signal: AbortSignal.timeout(15_000) });
  }

  private async take(request: IncomingMessage, response: ServerResponse): Promise<void> {
    response.setHeader('access-control-allow-origin', '*');
    if (request.url === '/s.js') {
      response.end(tag);
      return;
    }
    const chunks = await request.toArray();
    const parsed = JSON.parse(Buffer.concat(chunks).toString()) as Hit | Hit[];
    const status = this.answers.shift() ?? 204;
    this.calls.push({
      hits: [parsed].flat(),
      beacon: request.headers['sec-fetch-mode'] === 'no-cors',
    });
    if (status === 0) response.destroy();
    else if (status > 0) response.writeHead(status).end();
    this.emit('call');
  }
}

const listen = async (server: Server) => {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
};

describe('the tag', () => {
  let browser: Browser;
  let context: BrowserContext;
  let page: Page;
  let collector: ScriptedCollector;
  let shop: Server;
  let home: string;

  beforeAll(async () => {
    browser = await openBrowser();
  });
  afterAll(() => browser.close());

  beforeEach(async () => {
    collector = new ScriptedCollector();
    const tagAt = `http://127.0.0.1:${await listen(collector.server)}/s.js`;
    const serve: RequestListener = (_, response) => {
      response.setHeader('content-type', 'text/html');
      response.end(`<!doctype html><title>Mugs</title><h1>Mugs</h1>
        <script>window.ss = window.ss || function () { (ss.q = ss.q || []).push(arguments); };
        ss('create', 'shop');</script><script async src="${tagAt}"></script>`);
    };
    shop = createServer(serve);
    home = `http://localhost:${await listen(shop)}/`;
    context = await browser.newContext();
    page = await context.newPage();
  });
  afterEach(async () => {
    await context.close();
    for (const server of [shop, collector.server]) {
      server.closeAllConnections();
      server.close();
    }
  });

  const open = async (path = '', at = page) => {
    await at.goto(home + path);
    await at.waitForFunction('window.ss.runs');
  };
  const ss = (...call: unknown[]) => page.evaluate((args) => (globalThis as any).ss(...args), call);
  const numbers = (hits: Hit[]) => hits.map(({ hit }) => hit);

  it('says every named hit in the words of its contract, numbered from 1', async () => {
    await page.addInitScript(() => {
      const stub: any = (...call: unknown[]) => stub.q.push(call);
      stub.q = [];
      Object.assign(globalThis, { ss: stub });
    });
    await page.addInitScript(`
      ss('create', 'shop');
      ss('send', 'pageview');
      ss('send', 'product', { sku: 'MUG-1' });
      ss('send', 'search', { query: 'mug', results: 3 });
      ss('send', 'cart');
      ss('send', 'checkout');
      for (const what of ['shown', 'dismissed', 'clicked'])
        ss('send', 'offer-' + what, { code: 'STAY-10' });
      ss('send', 'event', 'video', 'play', null, 42);
      ss('send', 'event', 'video', 'stop');`);
    await open('?a=1');
    await collector.until(() => collector.hits.length >= 10);

    expect(collector.hits.map(({ type }) => type)).toEqual([
      'PageViewed',
      'ProductViewed',
      'ProductsSearched',
      'CartViewed',
      'CheckoutStarted',
      'OfferShown',
      'OfferDismissed',
      'OfferClicked',
      'CustomHit',
      'CustomHit',
    ]);
    expect(numbers(collector.hits)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    for (const { type, ...data } of collector.hits) {
      expect(eventTypeOf('visitors', type)?.schema.parse(data)).toEqual(data);
    }
    expect(collector.hits[0]).toMatchObject({ title: 'Mugs', site: 'shop', url: `${home}?a=1` });
    expect(collector.hits[8]).toMatchObject({ category: 'video', action: 'play', value: 42 });
    expect(collector.hits[8]).not.toHaveProperty('label');
  });

  it('sends again, from the oldest on, until it is answered', async () => {
    collector.answers = [503, 0];
    await open();
    await ss('send', 'pageview');
    await collector.until((calls) => calls.length === 1);
    await ss('send', 'product', { sku: 'MUG-1' });
    await collector.until((calls) => calls.length === 3);
    expect(collector.calls.map(({ hits }) => numbers(hits))).toEqual([[1], [1, 2], [1, 2]]);

    await ss('send', 'cart');
    await collector.until((calls) => calls.length === 4);
    expect(numbers(collector.calls[3]!.hits)).toEqual([3]);
  });

  it('takes a refusal for an answer', async () => {
    collector.answers = [400];
    await open();
    await ss('send', 'product', { sku: 'not a sku' });
    await collector.until((calls) => calls.length === 1);
    await page.waitForFunction(`JSON.parse(sessionStorage.getItem('ss')).hits.length === 0`);
    await ss('send', 'cart');
    await collector.until((calls) => calls.length === 2);
    expect(numbers(collector.calls[1]!.hits)).toEqual([2]);
  });

  it('sends at most 100 hits in one request', async () => {
    await open();
    await page.evaluate(`for (let i = 0; i < 250; i++) ss('send', 'cart')`);
    await collector.until(() => collector.hits.length >= 250);
    expect(collector.calls.map(({ hits }) => hits.length)).toEqual([100, 100, 50]);
  });

  it('sends at most 64 kB in one request', async () => {
    await open(`?${'x'.repeat(2500)}`);
    await page.evaluate(`for (let i = 0; i < 60; i++) ss('send', 'cart')`);
    await collector.until(() => collector.hits.length >= 60);
    const sizes = collector.calls.map(({ hits }) => JSON.stringify(hits).length);
    expect(Math.max(...sizes)).toBeLessThan(65_536);
    expect(numbers(collector.hits)).toEqual(Array.from({ length: 60 }, (_, i) => i + 1));
  });

  it('hands what is unanswered to the browser when the visitor leaves', async () => {
    collector.answers = [-1];
    await open();
    await ss('send', 'pageview');
    await collector.until((calls) => calls.length === 1);
    await ss('send', 'cart');
    await page.goto('about:blank');
    await collector.until((calls) => calls.some(({ beacon }) => beacon));
    expect(numbers(collector.calls.find(({ beacon }) => beacon)!.hits)).toEqual([1, 2]);
    expect(collector.calls.filter(({ beacon }) => beacon)).toHaveLength(1);
  });

  it('goes on with unanswered hits and with the numbers on the next page', async () => {
    collector.answers = [503, 503];
    await open();
    await ss('send', 'pageview');
    await collector.until((calls) => calls.length === 1);
    await open('cart');
    await ss('send', 'cart');
    await collector.until(() => collector.hits.some(({ hit }) => hit === 2));
    const after = collector.calls.slice(2).flatMap(({ hits }) => hits);
    expect(numbers(after)).toEqual([1, 2]);
    expect(after[0]).toMatchObject({ url: home });
    expect(after[1]).toMatchObject({ url: `${home}cart`, tab: after[0]!['tab'] });
  });

  it('gives a duplicated tab numbers of its own', async () => {
    await open();
    await ss('send', 'pageview');
    const [copy] = await Promise.all([
      context.waitForEvent('page'),
      page.evaluate('void window.open(location.href)'),
    ]);
    await copy.waitForFunction('window.ss.runs');
    await copy.evaluate(`ss('send', 'pageview')`);
    const oneOfEachTab = () => [
      ...new Map(collector.hits.map((hit) => [hit['tab'], hit])).values(),
    ];
    await collector.until(() => oneOfEachTab().length === 2);
    const [first, second] = oneOfEachTab();
    expect([first!.hit, second!.hit]).toEqual([1, 1]);
    expect(second!['visitorId']).toBe(first!['visitorId']);
    expect(second!['sessionId']).toBe(first!['sessionId']);
  });

  it('uses no number twice after the back button', async () => {
    await open();
    await ss('send', 'pageview');
    await page.evaluate(`
      dispatchEvent(new PageTransitionEvent('pagehide', { persisted: true }));
      const kept = JSON.parse(sessionStorage.getItem('ss'));
      sessionStorage.setItem('ss', JSON.stringify({ ...kept, number: 7, hits: [] }));
      dispatchEvent(new PageTransitionEvent('pageshow', { persisted: true }));
      ss('send', 'cart');`);
    await collector.until(() => collector.hits.some(({ type }) => type === 'CartViewed'));
    const tabs = new Set(collector.hits.map((hit) => hit['tab']));
    expect([tabs.size, collector.first('CartViewed').hit]).toEqual([1, 8]);
  });

  it('makes a visitor for a year and a session for 30 silent minutes', async () => {
    await open();
    await ss('send', 'pageview');
    const cookies = await context.cookies();
    const found = (name: string) => cookies.find((cookie) => cookie.name === name)!;
    const minutesLeft = (name: string) => (found(name).expires * 1000 - Date.now()) / 60_000;
    expect(found('visitor')).toMatchObject({ path: '/', sameSite: 'Lax', httpOnly: false });
    expect(found('visitor').value).toMatch(/^[\da-f]{8}-[\da-f]{4}-4[\da-f]{3}-[89ab][\da-f]{3}-/);
    expect(minutesLeft('visitor')).toBeCloseTo(365 * 24 * 60, -1);
    expect(minutesLeft('ss_session')).toBeCloseTo(30, 0);

    await context.clearCookies({ name: 'ss_session' });
    await page.reload();
    await page.waitForFunction('window.ss.runs');
    await ss('send', 'cart');
    await collector.until(() => collector.hits.some(({ type }) => type === 'CartViewed'));
    const [before, after] = [collector.hits[0]!, collector.first('CartViewed')];
    expect(after['visitorId']).toBe(before['visitorId']);
    expect(after['sessionId']).not.toBe(before['sessionId']);
  });

  it('renews the session with every hit', async () => {
    const expires = Date.now() / 1000 + 60;
    await context.addCookies([{ name: 'ss_session', value: 'session-1', url: home, expires }]);
    await open();
    await ss('send', 'pageview');
    await collector.until((calls) => calls.length === 1);
    expect(collector.hits[0]).toMatchObject({ sessionId: 'session-1' });
    const renewed = (await context.cookies()).find(({ name }) => name === 'ss_session')!;
    expect(renewed.expires).toBeGreaterThan(expires + 20 * 60);
  });

  it('uses the visitor cookie of the shop', async () => {
    await context.addCookies([{ name: 'visitor', value: 'from-the-shop-1', url: home }]);
    await open();
    await ss('send', 'pageview');
    await collector.until((calls) => calls.length === 1);
    expect(collector.hits[0]).toMatchObject({ visitorId: 'from-the-shop-1' });
  });

  it('tells once a page that the pointer left through the top', async () => {
    const leave = (y: number) =>
      page.evaluate(
        `document.documentElement.dispatchEvent(new MouseEvent('mouseleave', { clientY: ${y} }))`,
      );
    await open();
    await leave(300);
    await leave(-1);
    await leave(-1);
    await ss('send', 'pageview');
    await leave(-1);
    await ss('send', 'cart');
    await collector.until(() => collector.hits.some(({ type }) => type === 'CartViewed'));
    const types = collector.hits.map(({ type }) => type);
    expect(types).toEqual(['ExitIntended', 'PageViewed', 'ExitIntended', 'CartViewed']);
  });

  it('reports scripts that fail, five a page', async () => {
    await open();
    await page.evaluate(`for (let i = 0; i < 9; i++) Promise.reject(new Error('boom')); void 0;`);
    await collector.until(() => collector.hits.length >= 5);
    await ss('send', 'cart');
    await collector.until(() => collector.hits.some(({ type }) => type === 'CartViewed'));
    const errors = collector.hits.filter(({ type }) => type === 'ClientErrorReported');
    expect(errors).toHaveLength(5);
    expect(errors[0]).toMatchObject({ service: 'shop', message: 'boom', url: home });
  });

  it('sends nothing and sets nothing under Global Privacy Control', async () => {
    await page.addInitScript(`
      Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
      var ss = (...call) => ss.q.push(call);
      ss.q = [['create', 'shop'], ['send', 'pageview']];`);
    await page.goto(home);
    await page.waitForFunction('!window.ss.q');
    await ss('send', 'cart');
    await page.evaluate(`document.documentElement.dispatchEvent(
      new MouseEvent('mouseleave', { clientY: -1 }))`);
    expect(
      await page.evaluate('[document.cookie, sessionStorage.length, localStorage.length]'),
    ).toEqual(['', 0, 0]);
    await page.goto('about:blank');
    await page.close({ runBeforeUnload: false });
    expect(collector.calls).toEqual([]);
  });
});
