import type { Deed } from './visit.ts';

/** What the tag in the page says, besides who and where. */
export interface Said {
  readonly type: string;
  readonly fields?: object;
}

/** What somebody does, as the tag tells it: the page that opens, if one does, and what was done on it. */
export function tagHits(
  deed: Deed,
  seen: { found?: number | undefined; code?: string } = {},
): { page: string | null; hits: Said[] } {
  const on = (page: string, ...hits: Said[]) => ({ page, hits: [{ type: 'PageViewed' }, ...hits] });
  const here = (...hits: Said[]) => ({ page: null, hits });
  const { found, code } = seen;
  switch (deed.do) {
    case 'arrive':
      return on('/');
    case 'search': {
      const { query } = deed;
      const fields = { query, results: found };
      const page = `/?q=${encodeURIComponent(query)}`;
      return found === undefined ? on(page) : on(page, { type: 'ProductsSearched', fields });
    }
    case 'look': {
      const { sku } = deed;
      return on(`/products/${sku}`, { type: 'ProductViewed', fields: { sku } });
    }
    case 'view cart':
      return on('/cart', { type: 'CartViewed' });
    case 'start checkout':
      return on('/checkout', { type: 'CheckoutStarted' });
    case 'turn to leave':
      return here({ type: 'ExitIntended' });
    case 'take coupon':
      return here({ type: 'OfferClicked', fields: { code } });
    case 'dismiss coupon':
      return here({ type: 'OfferDismissed', fields: { code } });
    default:
      return here();
  }
}
