import { randomUUID } from 'node:crypto';
import type { Browser } from 'playwright-core';
import { isInControlGroup } from '../apps/feedback/src/policy.ts';
import { openBrowser } from '../tools/browser.ts';
import { putInCart } from './cart.ts';

/** Runs in the page, before all else: notes when ExitIntended is sent and when the popup is there. */
const watch = `{
  const send = window.fetch;
  window.fetch = (...args) => {
    if (String(args[1]?.body).includes('ExitIntended')) window.sentAt ??= performance.now();
    return send(...args);
  };
  const look = () => {
    const popup = document.querySelector('[data-testid=offer-popup]');
    if (popup?.getBoundingClientRect().height > 0) window.shownAt ??= performance.now();
    requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}`;

/** For each of `count` visitors: ms from the deciding hit until the popup is visible. */
export async function popupTimes(shopUrl: string, sku: string, count: number): Promise<number[]> {
  const browser = await openBrowser();
  try {
    const tookMs: number[] = [];
    while (tookMs.length < count) tookMs.push(await popupTime(browser, shopUrl, sku));
    return tookMs;
  } finally {
    await browser.close();
  }
}

async function popupTime(browser: Browser, shopUrl: string, sku: string): Promise<number> {
  let visitorId = randomUUID() as string;
  while (isInControlGroup(visitorId)) visitorId = randomUUID();
  await putInCart(shopUrl, visitorId, sku);
  const context = await browser.newContext();
  try {
    await context.addCookies([{ name: 'visitor', value: visitorId, url: shopUrl }]);
    const page = await context.newPage();
    await page.addInitScript({ content: watch });
    await page.goto(`${shopUrl}/cart`);
    await page.getByTestId('cart-line').waitFor();
    // The tag comes after the page, and its queue is for calls, not for the mouse.
    await page.waitForFunction('window.ss && !window.ss.q');
    await page.mouse.move(200, 2);
    // What Chromium sends when the pointer leaves the window.
    const left = `new MouseEvent('mouseleave', { clientX: 200, clientY: -1 })`;
    await page.evaluate(`document.documentElement.dispatchEvent(${left})`);
    await page.waitForFunction('window.shownAt > 0');
    return (await page.evaluate('window.shownAt - window.sentAt')) as number;
  } finally {
    await context.close();
  }
}
