import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Locator, Page } from 'playwright-core';
import { isInControlGroup } from '../../apps/feedback/src/policy.ts';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

/** A visitor who is not in the control group, so that an offer comes. */
export function newVisitor(): string {
  for (;;) {
    const visitorId = randomUUID();
    if (!isInControlGroup(visitorId)) return visitorId;
  }
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

export async function expectNoSidewaysScrolling(page: Page): Promise<void> {
  const { width } = page.viewportSize()!;
  expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width);
}
