import { setTimeout as pause } from 'node:timers/promises';
import type { Page, Request, Route } from 'playwright-core';
import { until } from '../log-harness.ts';
import {
  at,
  expectAccessibleDayAndNight,
  expectNoSidewaysScrolling,
  leaveThroughTheTop,
  watchForPopup,
} from './page.ts';
import type { Come, Visitor } from './page.ts';

interface Around {
  shopUrl: string;
  open(how?: Partial<Come>): Promise<Visitor>;
  /** Resolves when the nth event of the type is on the log of a visitor. */
  nth(visitorId: string, type: string, count?: number): Promise<{ data: any }>;
}

const SKU = 'MUSC-002';
/** Of a whole page, as https://web.dev/cls counts it. */
const MOST_SHIFT = 0.05;
/** As they are sent, bytes. */
const MOST_SCRIPT = 150_000;

/** What the pages have to be, whoever looks at them and with what. In one system with the journey. */
export function storefront(around: () => Around): void {
  looks(around);
  weight(around);
  search(around);
  cart(around);
  coupon(around);
}

/** In the shop, without a page. */
async function putInCart({ context }: Visitor, { shopUrl }: Around): Promise<void> {
  await context.request.post(`${shopUrl}/api/cart/items`, { data: { sku: SKU, quantity: 1 } });
}

function looks(around: () => Around): void {
  it.each([1280, 360])(
    'reads well by day and by night at %i px, and nothing jumps',
    async (width) => {
      const visitor = await around().open({ width });
      const { page } = visitor;
      await page.addInitScript({ content: countShifts });
      await page.route('**/api/**', afterAWhile);
      for (const [path, ready] of pages) {
        await page.goto(`${around().shopUrl}${path}`);
        await at(page, ready).first().waitFor();
        await expectWell(page);
        if (path === '/') await putInCart(visitor, around()); // From here on there is a cart.
      }
      await page.unroute('**/api/**');
      await at(page, 'log-handle').click();
      await at(page, 'log-chain').waitFor();
      await expectWell(page);
    },
    120_000,
  );
}

function weight(around: () => Around): void {
  it('is light: the first page, and what it loads later, in scripts', async () => {
    const { page } = await around().open();
    const scripts: Request[] = [];
    page.on('requestfinished', (request) => {
      if (request.resourceType() === 'script') scripts.push(request);
    });
    await page.goto(around().shopUrl);
    await at(page, 'product-card').first().waitFor();
    await at(page, 'log-handle').click();
    await at(page, 'log-chain').waitFor();
    await page.waitForFunction('window.ss && !window.ss.q');
    const sizes = await Promise.all(scripts.map((request) => request.sizes()));
    const bytes = sizes.reduce((sum, { responseBodySize }) => sum + responseBodySize, 0);
    expect([scripts.length > 2, bytes < MOST_SCRIPT, bytes]).toEqual([true, true, bytes]);
  });
}

function search(around: () => Around): void {
  it('finds while one types, and counts one search', async () => {
    const { visitorId, page } = await around().open();
    await page.goto(around().shopUrl);
    await at(page, 'product-card').first().waitFor();
    const box = page.getByRole('searchbox');
    await box.pressSequentially('lantern', { delay: 30 });
    await page.getByRole('heading', { name: 'Found for “lantern”' }).waitFor();
    expect((await around().nth(visitorId, 'ProductsSearched')).data.query).toBe('lantern');
    // Another search from here on is still one step back, whichever way the words changed.
    const places = await page.evaluate('history.length');
    await box.fill('');
    await page.getByRole('heading', { name: 'Everything on the shelves' }).waitFor();
    // Two more letters come when the shelves have been asked already, and are not there yet.
    await page.evaluate(typeAtSearch, ['kett', 'l', 'e'] as const);
    await box.pressSequentially('kett', { delay: 30 });
    await page.getByRole('heading', { name: 'Found for “kettle”' }).waitFor();
    expect(await page.evaluate('history.length')).toBe(places);
    await page.goBack();
    await page.getByRole('heading', { name: 'Everything on the shelves' }).waitFor();
    expect(await box.inputValue()).toBe('');
  }, 60_000);
}

function cart(around: () => Around): void {
  it('takes a thing out of the cart and puts it back, in every tab', async () => {
    const visitor = await around().open();
    const { context, page } = visitor;
    await putInCart(visitor, around());
    const other = await context.newPage();
    await Promise.all([page, other].map((tab) => tab.goto(`${around().shopUrl}/products/${SKU}`)));
    const lines = (tab: Page) => at(tab, 'cart-line').count();
    for (const tab of [page, other]) {
      // A tab that cannot be seen has no live channel.
      await tab.bringToFront();
      await at(tab, 'cart-link').click();
      await at(tab, 'cart-line').waitFor();
    }
    await page.bringToFront();
    await page.getByRole('button', { name: /^Remove / }).click();
    await at(page, 'cart-drawer').getByText('Nothing in it yet.').waitFor();
    expect(await page.evaluate('document.activeElement.textContent')).toBe('Your cart');
    await other.bringToFront();
    await at(other, 'cart-drawer').getByText('Nothing in it yet.').waitFor();
    await page.bringToFront();
    await at(page, 'notice-action').click();
    await at(page, 'cart-line').waitFor();
    await other.bringToFront();
    await at(other, 'cart-line').waitFor();
    expect([await lines(page), await lines(other)]).toEqual([1, 1]);
    await other.keyboard.press('Escape');
    await at(other, 'cart-drawer').waitFor({ state: 'detached' });
    expect(await other.evaluate('document.activeElement.dataset.testid')).toBe('cart-link');
  }, 60_000);
}

function coupon(around: () => Around): void {
  it('lets whoever types in the checkout finish, and refuses the coupon of somebody else', async () => {
    const visitor = await around().open();
    const { context, page } = visitor;
    await putInCart(visitor, around());
    await page.goto(`${around().shopUrl}/cart`);
    await at(page, 'cart-line').waitFor();
    await at(page, 'checkout-link').click();
    await page.getByLabel('E-mail').fill('nonsense');
    const name = page.getByLabel('Name');
    await name.fill('');
    await at(page, 'place-order').click();
    await page.getByText('Write who it is for.').waitFor();
    await page.getByText('Write an e-mail address, such as robin@example.com.').waitFor();
    await expectAccessibleDayAndNight(page);
    await name.pressSequentially('Ada');
    await page.evaluate(watchForPopup);
    // In another tab the same visitor is about to leave: in the checkout itself it would take long.
    const other = await context.newPage();
    await other.goto(`${around().shopUrl}/cart`);
    await at(other, 'cart-line').waitFor();
    await leaveThroughTheTop(other);
    const { code } = await until('the shop offers something', async () => {
      const answer = await context.request.get(`${around().shopUrl}/api/me`);
      return ((await answer.json()) as { offer: { code: string } | null }).offer;
    });
    await page.bringToFront();
    await page.getByText(/^A coupon for you: /).waitFor();
    await name.pressSequentially(' Brook');
    expect(await name.inputValue()).toBe('Ada Brook');
    expect(await page.evaluate('({ popupSeen, focus: document.activeElement.name })')).toEqual({
      popupSeen: false,
      focus: 'name',
    });
    await name.blur();
    await at(page, 'offer-popup').getByText('Before you float away').waitFor();

    const thief = await around().open();
    await putInCart(thief, around());
    await thief.page.goto(`${around().shopUrl}/cart`);
    await thief.page.getByLabel('Coupon code').fill(code);
    await thief.page.getByRole('button', { name: 'Apply' }).click();
    await thief.page.getByText('This coupon was not offered to you.').waitFor();
  }, 120_000);
}

/** Each page, and what is there when it is. */
const pages = [
  ['/', 'product-card'],
  ['/?category=Music&sort=price', 'product-card'],
  [`/products/${SKU}`, 'add-to-cart'],
  ['/cart', 'cart-line'],
  ['/checkout', 'place-order'],
  ['/nothing-here', 'log-handle'],
] as const;

async function expectWell(page: Page): Promise<void> {
  await expectAccessibleDayAndNight(page);
  await expectNoSidewaysScrolling(page);
  const shift = (await page.evaluate('shift')) as number;
  expect([page.url(), shift < MOST_SHIFT, shift]).toEqual([page.url(), true, shift]);
}

/** So slow that what stands in for an answer is seen first, in which nothing may move. */
const afterAWhile = async (route: Route) => {
  await pause(200);
  await route.continue().catch(() => undefined); // The page may have gone on.
};

const countShifts = `window.shift = 0;
  new PerformanceObserver((list) => {
    for (const { hadRecentInput, value } of list.getEntries()) if (!hadRecentInput) shift += value;
  }).observe({ type: 'layout-shift', buffered: true });`;

/** Runs in a page. */
const typeAtSearch = ([query, first, second]: readonly [string, string, string]) => {
  const { history, document, setTimeout } = globalThis as any;
  const { replaceState } = history;
  const type = (letter: string) => document.execCommand('insertText', false, letter);
  history.replaceState = (...place: unknown[]) => {
    replaceState.apply(history, place);
    // A slow machine asks for fewer letters before.
    if (!`${place[2]}`.endsWith(query)) return;
    history.replaceState = replaceState;
    type(first);
    setTimeout(() => type(second), 50);
  };
};
