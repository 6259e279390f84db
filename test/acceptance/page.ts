import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Browser, BrowserContext, Locator, Page } from 'playwright-core';
import { isInControlGroup } from '../../apps/feedback/src/policy.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A visitor who is not in the control group, so that an offer comes. */
export function newVisitor(): string {
  for (;;) {
    const visitorId = randomUUID();
    if (!isInControlGroup(visitorId)) return visitorId;
  }
}

/** Somebody with a browser of their own, and their first tab. */
export interface Visitor {
  readonly visitorId: string;
  readonly context: BrowserContext;
  readonly page: Page;
}

export async function come(
  browser: Browser,
  shopUrl: string,
  { visitorId = newVisitor(), width = 1280, headers = {} }: Partial<Come> = {},
): Promise<Visitor> {
  const context = await browser.newContext({
    viewport: { width, height: 900 },
    extraHTTPHeaders: headers,
  });
  context.setDefaultTimeout(30_000);
  await context.addCookies([{ name: 'visitor', value: visitorId, url: shopUrl }]);
  return { visitorId, context, page: await context.newPage() };
}

/** How somebody comes to the shop. */
export interface Come {
  visitorId: string;
  width: number;
  headers: Record<string, string>;
}

export const at = (within: Page | Locator, id: string) => within.getByTestId(id);

export async function leaveThroughTheTop(page: Page): Promise<void> {
  await page.mouse.move(200, 300);
  await page.mouse.move(200, 2);
  // The tag comes after the page, and its queue is for calls, not for the mouse.
  await page.waitForFunction('window.ss && !window.ss.q');
  // What Chromium sends when the pointer leaves the window; the mouse of a test cannot.
  const left = `new MouseEvent('mouseleave', { clientX: 200, clientY: -1 })`;
  await page.evaluate(`document.documentElement.dispatchEvent(${left})`);
}

/** By axe's rules of that name, or all of them. */
export async function expectAccessible(page: Page, rules?: readonly string[]): Promise<void> {
  await page.emulateMedia({ reducedMotion: 'reduce' }); // What fades in has little contrast yet.
  await page.evaluate(axe);
  const found = await page.evaluate(async (only) => {
    const results = await (globalThis as any).axe.run({
      resultTypes: ['violations'],
      ...(only && { runOnly: only }),
    });
    return results.violations
      .filter(({ impact }: any) => impact === 'serious' || impact === 'critical')
      .map(({ id, nodes }: any) => `${id}: ${nodes[0].html}`);
  }, rules);
  await page.emulateMedia({ reducedMotion: null });
  expect(found).toEqual([]);
}

/** By day; by night, which differs in colours only, for these. */
export async function expectAccessibleDayAndNight(page: Page): Promise<void> {
  await expectAccessible(page);
  await page.emulateMedia({ colorScheme: 'dark' });
  await expectAccessible(page, ['color-contrast']);
  await page.emulateMedia({ colorScheme: 'light' });
}

/** Runs in a page: notes whether a popup is ever there. */
export const watchForPopup = `window.popupSeen = false;
  new MutationObserver(() => {
    if (document.querySelector('[data-testid=offer-popup]')) window.popupSeen = true;
  }).observe(document, { childList: true, subtree: true });`;

/** Nothing has moved for a while: a page that is only open costs nobody their battery. */
export async function expectAtRest(page: Page): Promise<void> {
  await page.waitForFunction(`(() => {
    const isMoving = document.getAnimations().some(({ playState }) => playState === 'running');
    if (isMoving || !window.restingSince) window.restingSince = Date.now();
    return Date.now() - window.restingSince > 1500;
  })()`);
}

export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const { width } = page.viewportSize()!;
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
}
