import { execFileSync } from 'node:child_process';
import { Client } from 'pg';
import type { Browser, Locator, Page } from 'playwright-core';
import { readAll, until } from '../log-harness.ts';
import { openSystem } from '../system.ts';
import type { Doors } from '../system.ts';
import { openBrowser } from '../../tools/browser.ts';
import {
  at,
  come,
  expectAccessible,
  expectAccessibleDayAndNight,
  expectAtRest,
  expectNoSidewaysScrolling,
  leaveThroughTheTop,
  newVisitor,
  watchForPopup,
} from './page.ts';
import type { Come } from './page.ts';
import { storefront } from './storefront.ts';
import { twoVersions } from './two-versions.ts';

/** The model offers after about 18 idle seconds; the rest is patience with a busy machine. */
const HESITATION_MS = 60_000;
const VISIT_MS = 30 * 60_000;

interface Step {
  type: string;
  /** When it got to the log, in ms. */
  at: number;
  data: any;
}

describe('in a browser', () => {
  let system: Doors;
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser(); // First: it is closed also when the system does not start.
    system = await openSystem();
  }, 200_000);
  // Pages that nobody looks at any more go on drawing.
  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
  });
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  }, 30_000);

  const open = (how: Partial<Come> = {}) => come(browser, system.shopUrl, how);
  /** From the first page to the cart; `look` is called on every screen. */
  const putFirstProductInCart = async (
    page: Page,
    look: (page: Page) => Promise<void> = async () => {},
  ) => {
    await page.goto(system.shopUrl);
    await at(page, 'product-card').first().waitFor();
    await look(page);
    await at(page, 'product-card').first().getByRole('link').first().click();
    await page.getByRole('heading', { level: 1 }).waitFor();
    await at(page, 'add-to-cart').first().waitFor();
    await look(page);
    await at(page, 'add-to-cart').first().click();
    await at(page, 'cart-link').click();
    await at(page, 'cart-line').waitFor();
    await look(page);
  };
  /** What the log says of a visitor; a hit that was sent again only once. */
  const stepsOf = async (visitorId: string): Promise<Step[]> => {
    const seen = new Set<string>();
    return (await readAll('visitors', system.brokers))
      .filter(({ key }) => key?.toString() === visitorId)
      .map(({ value, timestamp }) => ({ ...JSON.parse(value!.toString()), at: timestamp }))
      .filter(({ id, data }) => {
        const name = data.hit === undefined ? id : `${data.tab}/${data.hit}`;
        return !seen.has(name) && seen.add(name);
      });
  };
  const nth = (visitorId: string, type: string, count = 1): Promise<Step> =>
    until(`${type} number ${count} is on the log`, async () => {
      const all = (await stepsOf(visitorId)).filter((step) => step.type === type);
      return all[count - 1];
    });
  /** What feedback knows of a visitor, once it is `enough`. */
  const visitOf = async (visitorId: string, enough: (visit: any) => boolean) => {
    const client = new Client({ connectionString: system.databaseUrl('feedback') });
    await client.connect();
    try {
      return await until('feedback has read it', async () => {
        const { rows } = await client.query(
          'select state, due_at from feedback_abandonment where key = $1',
          [visitorId],
        );
        const visit = rows[0]?.state && { ...JSON.parse(rows[0].state), wakeAt: rows[0].due_at };
        return visit && enough(visit) && visit;
      });
    } finally {
      await client.end();
    }
  };

  it('goes the golden way: browse, hesitate, get a coupon, use it, order, confirmed', async () => {
    const visitorId = newVisitor();
    const { page } = await open({ visitorId });
    await putFirstProductInCart(page, expectAccessible);
    await at(page, 'offer-popup').waitFor({ timeout: HESITATION_MS });
    await nth(visitorId, 'OfferShown');
    await expectAccessibleDayAndNight(page);
    await expectAtRest(page);
    await at(page, 'offer-apply').click();
    await page.getByText(/^Coupon STAY10-\w{8}, 10% off$/).waitFor();
    await at(page, 'checkout-link').click();
    await at(page, 'place-order').waitFor();
    await expectAccessible(page);
    await at(page, 'place-order').click();
    await statusOf(page, 'confirmed');
    await expectAccessibleDayAndNight(page);

    const landed = ['OfferClicked', 'CheckoutStarted', 'CartCheckedOut'].map((type) =>
      nth(visitorId, type),
    );
    await Promise.all([expectAtRest(page), ...landed]);
    const steps = await stepsOf(visitorId);
    const data = (type: string) => steps.find((step) => step.type === type)?.data;
    const order = steps.map(({ type }) => type);
    expect(order).toEqual(expect.arrayContaining(['PageViewed', 'ProductViewed', 'CartViewed']));
    const decisive = ['ItemAddedToCart', 'CouponOffered', 'OfferShown', 'CouponApplied'];
    decisive.push('CouponRedeemed', 'CartCheckedOut');
    expect(order.filter((type) => decisive.includes(type))).toEqual(decisive);
    const { code, score, features, ...offer } = data('CouponOffered');
    expect(offer).toMatchObject({ percent: 10, model: 'first-2026' });
    expect(features).toMatchObject({ itemsInCart: 1, exitIntent: 0, checkoutStarted: 0 });
    expect(features.idleSeconds).toBeGreaterThanOrEqual(15); // Nothing but time brought it.
    expect(score).toBeGreaterThanOrEqual(0.6);
    for (const type of ['OfferShown', 'OfferClicked', 'CouponApplied', 'CouponRedeemed']) {
      expect([type, data(type)?.code]).toEqual([type, code]);
    }
    const { cents } = data('ItemAddedToCart').unitPrice;
    const { orderId, total } = data('CartCheckedOut');
    expect(total.cents).toBe(cents - Math.floor(cents / 10));
    expect(data('CouponRedeemed').orderId).toBe(orderId);
    expect(page.url()).toContain(orderId);
    await expectLogDrawer(page, orderId);

    // Nobody else sees any of it.
    const { page: other } = await open();
    await other.goto(system.shopUrl);
    await at(other, 'log-handle').click();
    await other.locator('[data-testid=log-moment]').last().waitFor();
    await at(other, 'log-view-list').click();
    await at(other, 'log-list').waitFor();
    expect(await at(other, 'log-drawer').innerText()).not.toMatch(/ItemAdded|Coupon|Order|Stock/);
    const mine = await fetch(`${system.shopUrl}/api/story`, {
      headers: { cookie: `visitor=${visitorId}` },
    });
    const { events } = (await mine.json()) as { events: any[] };
    const { topic, partition, offset } = events.find(
      ({ event }) => event.type === 'OrderSubmitted',
    );
    for (const path of ['', `/${topic}/${partition}/${offset}`]) {
      const url = `${system.shopUrl}/api/story${path}`;
      const answers = await Promise.all(
        [visitorId, newVisitor()].map(async (who) =>
          (await fetch(url, { headers: { cookie: `visitor=${who}` } })).text(),
        ),
      );
      expect(answers.map((answer) => answer.includes(orderId))).toEqual([true, false]);
    }

    // What lands while the shop is down is there when it is up again, and so is what was before.
    await at(page, 'log-handle').click();
    await Promise.all([
      system.killShop(),
      page.getByText('Connection lost; coming back.').waitFor(),
    ]);
    const hit = {
      ...data('ProductViewed'),
      type: 'ProductsSearched',
      query: 'meanwhile',
      results: 0,
      tab: 'new',
    };
    const told = await fetch(`${system.collectorUrl}/collect`, {
      method: 'POST',
      body: JSON.stringify(hit),
    });
    expect(told.status).toBe(204);
    await page.getByText('You searched for “meanwhile”').waitFor();
    await page.reload();
    await page.locator('[data-testid=log-link][data-type=OrderConfirmed]').waitFor();
  }, 300_000);

  it('offers at once to who is about to leave, and a dismissed offer does not come back', async () => {
    const visitorId = newVisitor();
    const { context, page } = await open({ visitorId, width: 360 });
    await putFirstProductInCart(page, expectNoSidewaysScrolling);
    await leaveThroughTheTop(page);
    await at(page, 'offer-popup').waitFor();
    await expectNoSidewaysScrolling(page);
    const { code } = (await nth(visitorId, 'OfferShown')).data;
    const toCollector = `${system.collectorUrl}/collect`;
    await page.route(toCollector, (route) => route.abort());
    await page.evaluate('navigator.sendBeacon = () => true'); // It gets past the line above.
    await at(page, 'offer-dismiss').click();
    await at(page, 'offer-popup').waitFor({ state: 'detached' });

    // Neither here, when only this tab knows, nor in another, when the shop has heard of it.
    await context.addInitScript({ content: watchForPopup });
    await page.goto(`${system.shopUrl}/cart`);
    await at(page, 'cart-line').waitFor();
    await leaveThroughTheTop(page);
    await page.unroute(toCollector);
    expect((await nth(visitorId, 'OfferDismissed')).data.code).toBe(code);
    await nth(visitorId, 'ExitIntended', 2);
    await until('the shop knows', async () => {
      const headers = { cookie: `visitor=${visitorId}` };
      const answer = await fetch(`${system.shopUrl}/api/me`, { headers });
      return ((await answer.json()) as { offer: unknown }).offer === null;
    });
    const otherTab = await context.newPage();
    await otherTab.goto(`${system.shopUrl}/cart`);
    await at(otherTab, 'cart-line').waitFor();
    await leaveThroughTheTop(otherTab);
    const left = await nth(visitorId, 'ExitIntended', 3);
    const visit = await visitOf(visitorId, (v) => v.exitIntent && v.lastSeenAt >= left.at);
    expect(visit).toMatchObject({ asked: false, offer: { code } });
    for (const tab of [page, otherTab]) {
      expect(await tab.evaluate('({ popupSeen })')).toEqual({ popupSeen: false });
    }
    const types = (await stepsOf(visitorId)).map(({ type }) => type);
    expect(types.filter((type) => /^(CouponOffered|OfferShown)$/.test(type))).toEqual([
      'CouponOffered',
      'OfferShown',
    ]);
  }, 240_000);

  storefront(() => ({ shopUrl: system.shopUrl, nth, open }));
  twoVersions(() => ({ ...system, nth, open }));

  it('leaves who asks for privacy alone, and sells to them all the same', async () => {
    const visitorId = newVisitor();
    const { page } = await open({ visitorId, headers: { 'sec-gpc': '1' } });
    await page.addInitScript({
      content: `Object.defineProperty(navigator, 'globalPrivacyControl', { value: true });
        ${watchForPopup}`,
    });
    const told: string[] = [];
    page.on('request', (request) => {
      if (request.url().startsWith(`${system.collectorUrl}/collect`)) told.push(request.url());
    });
    await putFirstProductInCart(page);
    await leaveThroughTheTop(page);
    const visit = await visitOf(visitorId, ({ cart }) => Object.keys(cart).length === 1);
    expect(visit).toMatchObject({ optedOut: true, asked: false, offer: null });
    // Nothing is due but the end of the visit: nobody looks at how long they hesitate.
    expect(Number(visit.wakeAt)).toBe(visit.lastSeenAt + VISIT_MS);
    await at(page, 'checkout-link').click();
    await at(page, 'place-order').click();
    await statusOf(page, 'confirmed');
    await nth(visitorId, 'CartCheckedOut');
    const steps = await stepsOf(visitorId);
    expect(steps.map(({ type }) => type)).toEqual(['ItemAddedToCart', 'CartCheckedOut']);
    expect(steps.map(({ data }) => data.optedOut)).toEqual([true, true]);
    expect(told).toEqual([]);
    expect(await page.evaluate('({ popupSeen })')).toEqual({ popupSeen: false });
  }, 240_000);

  it('shows stock as it goes, and what was short when it is gone', async () => {
    const answer = await fetch(`${system.shopUrl}/api/products?sort=name&q=sled`);
    const { products } = (await answer.json()) as {
      products: { sku: string; available: number }[];
    };
    const { sku, available } = products.find((product) => product.available <= 8)!;
    const [{ page: first }, { page: second }] = [await open(), await open()];
    const badge = new RegExp(`^(Only ${available} left|${available} in stock)$`);
    for (const page of [first, second]) {
      await page.goto(`${system.shopUrl}/products/${sku}`);
      await page.getByText(badge).first().waitFor();
      const put = `fetch('/api/cart/items', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: '${JSON.stringify({ sku, quantity: available })}',
      }).then(({ status }) => status)`;
      expect(await page.evaluate(put)).toBe(200);
    }
    await first.goto(`${system.shopUrl}/checkout`);
    await at(first, 'place-order').click();
    await statusOf(first, 'confirmed');
    await second.getByText('Sold out', { exact: true }).first().waitFor();
    await second.goto(`${system.shopUrl}/checkout`);
    await at(second, 'place-order').click();
    await statusOf(second, 'rejected');
    await second.getByText(`you asked for ${available}, we had 0.`).waitFor();
    await expectAccessible(second);
  }, 240_000);
});

const statusOf = (page: Page, status: string) =>
  page.locator(`[data-testid=order-status][data-status=${status}]`).waitFor();

/** After the golden journey: the whole of it is in the drawer, event by event and as a chain. */
async function expectLogDrawer(page: Page, orderId: string): Promise<void> {
  await at(page, 'log-handle').click();
  const link = (type: string) => page.locator(`[data-testid=log-link][data-type=${type}]`);
  const caused = (...types: string[]) =>
    page.locator(types.map((type) => `[data-testid=log-link][data-type=${type}]`).join(' '));
  await at(page, 'log-drawer').getByRole('heading', { level: 2 }).waitFor();
  expect(await page.evaluate('document.activeElement.textContent')).toBe('What just happened');
  await caused('OrderSubmitted', 'StockRequested', 'StockReserved', 'OrderConfirmed').waitFor();
  await caused('StockReserved', 'StockCommitted').waitFor();
  await link('ItemAddedToCart').waitFor();
  // Its cause is whatever came last before the hesitation.
  await page.locator('[data-testid=log-link] [data-type=CouponOffered]').waitFor();
  await caused('ProductViewed', 'ProductSeen').waitFor();
  await at(page, 'log-coupon').first().waitFor();
  const verdict = await at(page, 'log-verdict').innerText();
  expect(verdict).toMatch(/Score 0\.\d\d that you leave; 0\.60 is enough/);
  expect(verdict).toMatch(/1 thing in the cart, worth €.* seconds without a move/);
  await expectAccessible(page);

  await at(page, 'log-view-list').click();
  const rows = at(page, 'log-row');
  expect(await rows.count()).toBeGreaterThan(15);
  await at(page, 'log-topic-stock').click();
  expect(new Set(await typesOf(rows))).toEqual(new Set(['StockCommitted', 'StockRequested']));
  await at(page, 'log-topic-all').click();
  await rowOf(page, 'OrderSubmitted').getByRole('button').first().click();
  expect(JSON.parse(await at(page, 'log-json').innerText())).toMatchObject({
    type: 'OrderSubmitted',
    data: { orderId, customer: { name: 'Robin Brook' } },
  });
  expect(JSON.parse(await copied(page))).toMatchObject({ event: { data: { orderId } } });
  await expectAccessible(page);

  // What lands while it is paused waits, and a click that is told again from a terminal lands too.
  await at(page, 'log-pause').click();
  const before = await rows.count();
  await rowOf(page, 'ProductViewed').getByRole('button').first().click();
  expect(await copied(page)).toBe('');
  await at(page, 'log-pause')
    .getByText(/\([1-9]\d* new\)/)
    .waitFor();
  expect(await rows.count()).toBe(before);
  await at(page, 'log-pause').click();
  await rowOf(page, 'ProductViewed').nth(1).waitFor();

  await page.setViewportSize({ width: 360, height: 780 });
  for (const view of ['log-view-list', 'log-view-chain']) {
    await at(page, view).click();
    await expectNoSidewaysScrolling(page);
    await expectAccessible(page);
  }
  await page.reload();
  await at(page, 'log-chain').waitFor(); // Open it was, and open it stays.
  await at(page, 'log-close').focus();
  await page.keyboard.press('Escape');
  await at(page, 'log-drawer').waitFor({ state: 'hidden' });
  expect(await page.evaluate('document.activeElement.dataset.testid')).toBe('log-handle');
  await page.setViewportSize({ width: 1280, height: 900 });
}

const rowOf = (page: Page, type: string) =>
  page.locator(`[data-testid=log-row][data-type=${type}]`);

const typesOf = (rows: Locator): Promise<(string | null)[]> =>
  rows.evaluateAll((all) => all.map((row) => row.getAttribute('data-type')));

/** Copies the curl command of the event that is open, and does in a shell what it says. */
async function copied(page: Page): Promise<string> {
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await at(page, 'log-copy-curl').click();
  await page.getByText('The command is on the clipboard.').waitFor();
  const command: string = await page.evaluate('navigator.clipboard.readText()');
  return execFileSync('sh', ['-c', `${command.replace(/^curl/, 'curl -sS')}`], {
    encoding: 'utf8',
  });
}
