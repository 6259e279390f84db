import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { isInControlGroup } from '../../apps/feedback/src/policy.ts';
import type { CrowdState } from '../../apps/simulator/src/crowd.ts';
import { openBrowser } from '../browser.ts';
import { sentenceOf } from '../start/problems.ts';
import { step } from '../start/progress.ts';
import { withOwnShop } from './own-shop.ts';
import type { OwnShop } from './own-shop.ts';

const FOLDER = join('docs', 'images');
const SIZE = { width: 1280, height: 800 };
/** Of pages that say more further down. */
const TALL = { product: 1120, order: 1060, shoppers: 1200 };
/** Of WebP, 100 at most; all pictures together are to stay below a megabyte. */
const QUALITY = 80;
const SKU = 'CAMP-002';
const OFFER_LIMIT_MS = 90_000;
const SHOPPERS = { rate: 2, visits: 60, limitMs: 180_000 };

/** `npm run screenshots`: the pictures of the tour, of a shop that has been open for two days. */
export async function main(): Promise<void> {
  try {
    mkdirSync(FOLDER, { recursive: true });
    await withOwnShop(async (shop) => {
      await step('journey', () => journey(shop));
      await step('shoppers', () => shoppers(shop));
    });
    console.log(`\nThe pictures are in ${FOLDER}: look at them, then commit.`);
  } catch (error) {
    console.error(`\n${sentenceOf(error)}`);
    process.exitCode = 1;
  }
}

/** As in the tour: look, hesitate, take the coupon, order, see what the log says. */
async function journey({ shopUrl }: OwnShop): Promise<void> {
  const browser = await openBrowser();
  try {
    const context = await browser.newContext({ viewport: SIZE });
    await context.addCookies([{ name: 'visitor', value: newVisitor(), url: shopUrl }]);
    const page = await context.newPage();
    await page.goto(shopUrl);
    await page.getByTestId('product-card').first().waitFor();
    await take(page, 'home');
    await page.goto(`${shopUrl}/products/${SKU}`);
    await page.getByTestId('add-to-cart').first().waitFor();
    await take(page, 'product', TALL.product);
    await page.getByTestId('add-to-cart').first().click();
    await page.goto(`${shopUrl}/cart`);
    await page.getByTestId('offer-popup').waitFor({ timeout: OFFER_LIMIT_MS });
    await take(page, 'coupon');
    await page.getByTestId('offer-apply').click();
    await page.getByTestId('offer-popup').waitFor({ state: 'detached' });
    await page.goto(`${shopUrl}/checkout`);
    await page.getByTestId('place-order').click();
    await page.locator('[data-testid=order-status][data-status=confirmed]').waitFor();
    await page.getByTestId('order-timeline').waitFor();
    await page.locator('.notice').waitFor({ state: 'detached' });
    await take(page, 'order', TALL.order);
    await page.getByTestId('log-handle').click();
    await page.locator('[data-testid=log-link][data-type=OrderConfirmed]').waitFor();
    await take(page, 'log-drawer');
  } finally {
    await browser.close();
  }
}

async function shoppers({ simulatorUrl }: OwnShop): Promise<void> {
  await fetch(`${simulatorUrl}/shoppers`, {
    method: 'PUT',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ sessionsPerSecond: SHOPPERS.rate }),
  });
  const limit = Date.now() + SHOPPERS.limitMs;
  for (let ended = 0; ended < SHOPPERS.visits;) {
    if (Date.now() > limit)
      throw new Error('Too few shoppers came: look into the simulator’s log.');
    await pause(1_000);
    const state = (await (await fetch(`${simulatorUrl}/shoppers`)).json()) as CrowdState;
    const counts = Object.values(state.ended).flatMap((each) => Object.values(each));
    ended = counts.reduce((sum, count) => sum + count, 0);
  }
  const browser = await openBrowser();
  try {
    const page = await (await browser.newContext({ viewport: SIZE })).newPage();
    await page.goto(simulatorUrl);
    await page.getByRole('slider').first().waitFor();
    await take(page, 'shoppers', TALL.shoppers);
  } finally {
    await browser.close();
  }
}

/** When pictures and fonts are there and nothing moves. */
async function take(page: Page, name: string, height = SIZE.height): Promise<void> {
  await page.setViewportSize({ ...SIZE, height });
  await page.emulateMedia({ reducedMotion: 'reduce' });
  await page.waitForLoadState('load');
  // Those that are out of sight wait until they are not.
  await page.waitForFunction(`[...document.images].every((image) => {
    const { top, left } = image.getBoundingClientRect();
    return image.complete || top > innerHeight || left > innerWidth;
  })`);
  await page.evaluate('document.fonts.ready.then(() => undefined)');
  const chrome = await page.context().newCDPSession(page);
  const { data } = await chrome.send('Page.captureScreenshot', {
    format: 'webp',
    quality: QUALITY,
  });
  await chrome.detach();
  await page.setViewportSize(SIZE);
  writeFileSync(join(FOLDER, `${name}.webp`), Buffer.from(data, 'base64'));
}

/** Somebody who is offered something. */
function newVisitor(): string {
  for (;;) {
    const visitorId = randomUUID();
    if (!isInControlGroup(visitorId)) return visitorId;
  }
}
