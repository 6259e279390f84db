import type { Browser, Customer, Offer } from './browser.ts';
import type { SessionPlan, Step } from './session-plan.ts';

export type Outcome = 'ordered' | 'ordered with coupon' | 'left';

type Visit = Omit<Browser, 'arrive' | 'leave' | 'close' | 'cookie'>;

/** Does what is planned, until a coupon changes the plan. */
export async function walk(
  plan: SessionPlan,
  browser: Visit,
  customer: Customer,
): Promise<Outcome> {
  let outcome: Outcome = 'left';
  const soldOut = new Set<string>();
  for (const step of plan.steps) {
    const offer = await browser.offerWithin(step.afterMs);
    if (browser.closed) break;
    if (offer && (await react(plan, offer, browser, customer))) return 'ordered with coupon';
    if (await act(step, browser, customer, soldOut)) outcome = 'ordered';
  }
  return outcome;
}

/** True when the step is an order that was taken. */
async function act(
  step: Step,
  browser: Visit,
  customer: Customer,
  soldOut: Set<string>,
): Promise<boolean> {
  switch (step.do) {
    case 'search':
      await browser.search(step.query);
      return false;
    case 'look':
      if ((await browser.look(step.sku)) === 0) soldOut.add(step.sku);
      return false;
    case 'add':
      if (!soldOut.has(step.sku)) await browser.add(step.sku);
      return false;
    case 'remove':
      await browser.remove(step.sku);
      return false;
    case 'view cart':
      browser.viewCart();
      return false;
    case 'start checkout':
      browser.startCheckout();
      return false;
    case 'order':
      return browser.order(customer);
    case 'turn to leave':
      browser.turnToLeave();
      return false;
    case 'leave':
      return false;
  }
}

/** True when the coupon was taken and paid with. */
async function react(
  { onOffer }: SessionPlan,
  offer: Offer,
  browser: Visit,
  customer: Customer,
): Promise<boolean> {
  if (onOffer.reaction === 'ignore') return false;
  await browser.offerWithin(onOffer.afterMs);
  if (browser.closed) return false;
  if (onOffer.reaction === 'dismiss') {
    browser.dismiss(offer);
    return false;
  }
  await browser.take(offer);
  await browser.offerWithin(onOffer.afterMs);
  browser.startCheckout();
  await browser.offerWithin(onOffer.afterMs * 2);
  return !browser.closed && browser.order(customer);
}
