import type { Browser, Customer, Offer } from './browser.ts';
import type { Deed, Outcome, Sight, Visit } from './visit.ts';

type Shop = Omit<Browser, 'arrive' | 'leave' | 'close' | 'cookie' | 'visitorId'> &
  Pick<Browser, 'arrive'>;

/** Does in the shop what the shopper does. `cut off`: the browser was closed meanwhile. */
export async function live(
  visit: Visit,
  browser: Shop,
  customer: Customer,
): Promise<Outcome | 'cut off'> {
  let offer: Offer | null = null;
  let next = visit.next();
  while (!next.done) {
    const deed = next.value;
    const coupon = deed.do === 'think' ? await browser.offerWithin(deed.ms) : null;
    if (browser.closed) return 'cut off';
    offer = coupon ?? offer;
    const seen = await act(deed, browser, customer, offer);
    next = visit.next({ ...nothing, ...seen, coupon, cartCents: browser.cartCents });
  }
  return next.value;
}

const nothing: Omit<Sight, 'cartCents'> = { product: null, coupon: null, ordered: false };

async function act(
  deed: Deed,
  browser: Shop,
  customer: Customer,
  offer: Offer | null,
): Promise<Partial<Sight> | void> {
  switch (deed.do) {
    case 'think':
      return;
    case 'arrive':
      return browser.arrive();
    case 'search':
      return browser.search(deed.query);
    case 'look':
      return { product: await browser.look(deed.sku) };
    case 'add':
      return browser.add(deed.sku);
    case 'remove':
      return browser.remove(deed.sku);
    case 'view cart':
      return browser.viewCart();
    case 'take coupon':
      return browser.take(offer!);
    case 'dismiss coupon':
      return browser.dismiss(offer!);
    case 'start checkout':
      return browser.startCheckout();
    case 'order':
      return { ordered: await browser.order(customer) };
    case 'turn to leave':
      return browser.turnToLeave();
  }
}
