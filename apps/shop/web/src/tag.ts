/** The analytics tag: index.html defines the queue, the collector's script drains it. */
interface Hits {
  pageview: [];
  product: [{ sku: string }];
  search: [{ query: string; results: number }];
  cart: [];
  checkout: [];
  'offer-shown': [{ code: string }];
  'offer-dismissed': [{ code: string }];
  'offer-clicked': [{ code: string }];
}

declare global {
  interface Window {
    ss(command: 'send', hit: string, ...fields: unknown[]): void;
  }
}

export function hit<H extends keyof Hits>(name: H, ...fields: Hits[H]): void {
  window.ss('send', name, ...fields);
}
