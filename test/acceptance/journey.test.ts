import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, Page } from 'playwright-core';
import { isInControlGroup } from '../../apps/feedback/src/policy.ts';
import { readAll, until } from '../log-harness.ts';
import { startSystem } from '../system.ts';
import type { RunningSystem } from '../system.ts';
import { openBrowser } from './browser.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
/** The model offers after about 18 idle seconds; the rest is patience with a busy machine. */
const HESITATION_MS = 60_000;

/** A visitor who is not in the control group, so that an offer comes. */
function newVisitor(): string {
  for (;;) {
    const visitorId = randomUUID();
    if (!isInControlGroup(visitorId)) return visitorId;
  }
}

describe('in a browser', () => {
  let system: RunningSystem;
  let browser: Browser;
  beforeAll(async () => {
    [system, browser] = await Promise.all([startSystem(), openBrowser()]);
  }, 200_000);
  afterAll(async () => {
    await browser?.close();
    await system?.stop();
  }, 30_000);

  const open = async (
    visitorId: string,
    { width = 1280, headers = {} }: { width?: number; headers?: Record<string, string> } = {},
  ): Promise<Page> => {
    const context = await browser.newContext({
      viewport: { width, height: 900 },
      extraHTTPHeaders: headers,
    });
    await context.addCookies([{ name: 'visitor', value: visitorId, url: system.shopUrl }]);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    return page;
  };
  const at = (page: Page, id: string) => page.getByTestId(id);
  const putFirstProductInCart = async (page: Page): Promise<void> => {
    await page.goto(system.shopUrl);
    await at(page, 'product-card').first().getByRole('link').first().click();
    await at(page, 'add-to-cart').first().click();
    await at(page, 'cart-link').click();
    await at(page, 'cart-line').waitFor();
  };
  const leaveThroughTheTop = async (page: Page): Promise<void> => {
    await page.mouse.move(400, 300);
    await page.mouse.move(400, 2);
    // What Chromium sends when the pointer leaves the window; the mouse of a test cannot.
    const left = `new MouseEvent('mouseleave', { clientX: 400, clientY: -1 })`;
    await page.evaluate(`document.documentElement.dispatchEvent(${left})`);
  };
  const placeOrder = async (page: Page): Promise<void> => {
    await at(page, 'checkout-link').click();
    await at(page, 'place-order').click();
  };
  const statusOf = async (page: Page, status: string) =>
    page.locator(`[data-testid=order-status][data-status=${status}]`).waitFor();
  const eventsOf = async (visitorId: string) => {
    const records = await readAll('visitors', system.brokers);
    return records
      .filter(({ key }) => key?.toString() === visitorId)
      .map(({ value }) => JSON.parse(value!.toString()) as { type: string; data: any });
  };
  const expectAccessible = async (page: Page) => {
    await page.evaluate(axe);
    const found = await page.evaluate(async () => {
      const results = await (globalThis as any).axe.run();
      return results.violations
        .filter(({ impact }: any) => impact === 'serious' || impact === 'critical')
        .map(({ id, nodes }: any) => `${id}: ${nodes[0].html}`);
    });
    expect(found).toEqual([]);
  };

  it('goes the golden way: browse, hesitate, get a coupon, use it, order, confirmed', async () => {
    const visitorId = newVisitor();
    const page = await open(visitorId);
    await putFirstProductInCart(page);
    await at(page, 'offer-popup').waitFor({ timeout: HESITATION_MS });
    await expectAccessible(page);
    await at(page, 'offer-apply').click();
    await page
      .getByText(/coupon/i)
      .filter({ hasText: /STAY10|−|-/ })
      .first()
      .waitFor();
    await placeOrder(page);
    await statusOf(page, 'confirmed');
    await expectAccessible(page);

    const events = await until('every step is on the log', async () => {
      const all = await eventsOf(visitorId);
      return all.some(({ type }) => type === 'CouponRedeemed') && all;
    });
    const types = new Set(events.map(({ type }) => type));
    expect([...types]).toEqual(
      expect.arrayContaining([
        'PageViewed',
        'ProductViewed',
        'ItemAddedToCart',
        'CartViewed',
        'CouponOffered',
        'OfferShown',
        'OfferClicked',
        'CouponApplied',
        'CheckoutStarted',
        'CouponRedeemed',
        'CartCheckedOut',
      ]),
    );
    const offers = events.filter(({ type }) => type === 'CouponOffered');
    expect(new Set(offers.map(({ data }) => data.code)).size).toBe(1);
    expect(offers[0]!.data).toMatchObject({
      percent: 10,
      model: 'first-2026',
      features: { itemsInCart: 1, checkoutStarted: 0 },
    });
    expect(offers[0]!.data.score).toBeGreaterThanOrEqual(0.6);
  }, 240_000);

  it('offers at once to who is about to leave, and a dismissed offer does not come back', async () => {
    const visitorId = newVisitor();
    const page = await open(visitorId, { width: 360 });
    await putFirstProductInCart(page);
    await expectAccessible(page);
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(360);
    await leaveThroughTheTop(page);
    await at(page, 'offer-popup').waitFor();
    await at(page, 'offer-dismiss').click();
    await at(page, 'offer-popup').waitFor({ state: 'detached' });
    await until('the dismissal is on the log', async () =>
      (await eventsOf(visitorId)).some(({ type }) => type === 'OfferDismissed'),
    );
    await page.reload();
    await at(page, 'cart-line').waitFor();
    await leaveThroughTheTop(page);
    await until('they left again', async () => {
      const all = await eventsOf(visitorId);
      return all.filter(({ type }) => type === 'ExitIntended').length >= 2;
    });
    await until('the shop knows', async () => {
      const answer = await fetch(`${system.shopUrl}/api/me`, {
        headers: { cookie: `visitor=${visitorId}` },
      });
      return ((await answer.json()) as { offer: unknown }).offer === null;
    });
    expect(await at(page, 'offer-popup').count()).toBe(0);
    const offered = (await eventsOf(visitorId)).filter(({ type }) => type === 'CouponOffered');
    expect(offered).toHaveLength(1);
  }, 240_000);

  it('leaves who asks for privacy alone, and sells to them all the same', async () => {
    const visitorId = newVisitor();
    const page = await open(visitorId, { headers: { 'sec-gpc': '1' } });
    await page.addInitScript({
      content: `Object.defineProperty(navigator, 'globalPrivacyControl', { value: true })`,
    });
    await putFirstProductInCart(page);
    await leaveThroughTheTop(page);
    await placeOrder(page);
    await statusOf(page, 'confirmed');
    const events = await until('the cart is on the log', async () => {
      const all = await eventsOf(visitorId);
      return all.some(({ type }) => type === 'CartCheckedOut') && all;
    });
    expect([...new Set(events.map(({ type }) => type))].sort()).toEqual([
      'CartCheckedOut',
      'ItemAddedToCart',
    ]);
    expect(events.every(({ data }) => data.optedOut === true)).toBe(true);
  }, 240_000);

  it('shows stock as it goes, and what was short when it is gone', async () => {
    const answer = await fetch(`${system.shopUrl}/api/products?sort=name&q=sled`);
    const { products } = (await answer.json()) as {
      products: { sku: string; available: number }[];
    };
    const { sku, available } = products.find((product) => product.available <= 8)!;
    const [first, second] = [await open(newVisitor()), await open(newVisitor())];
    for (const page of [first, second]) {
      await page.goto(`${system.shopUrl}/products/${sku}`);
      await page
        .getByText(new RegExp(`Only ${available} left|${available} in stock`))
        .first()
        .waitFor();
    }
    for (const page of [first, second]) {
      for (let piece = 0; piece < available; piece += 1) {
        await page.evaluate(
          (body) =>
            fetch('/api/cart/items', {
              method: 'POST',
              body,
              headers: { 'content-type': 'application/json' },
            }),
          JSON.stringify({ sku, quantity: 1 }),
        );
      }
    }
    await first.goto(`${system.shopUrl}/checkout`);
    await at(first, 'place-order').click();
    await statusOf(first, 'confirmed');
    await second.getByText('Sold out').first().waitFor();
    await second.goto(`${system.shopUrl}/checkout`);
    await at(second, 'place-order').click();
    await statusOf(second, 'rejected');
    await second.getByLabel('What was short').waitFor();
    await expectAccessible(second);
  }, 240_000);
});
