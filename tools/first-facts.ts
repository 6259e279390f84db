import type { NewEvent } from '#contracts/contract';
import { ProductPublished } from '#contracts/products';
import { GoodsDelivered } from '#contracts/stock';
import { ModelPromoted } from '#contracts/visitors';
import type { Security } from '#log/security';
import { LogWriter } from '#log/writer';
import { catalog } from './catalog.ts';
import type { CatalogEntry } from './catalog.ts';

/**
 * The first model, set by hand, as there is no history yet to learn from. About 18 s without a move
 * cross the threshold, leaving crosses it at once; whoever has just done something stays below,
 * whatever the cart, and in the checkout it takes 40 s.
 */
const firstModel = ModelPromoted({
  model: 'first-2026',
  intercept: -2.6,
  coefficients: {
    itemsInCart: -0.02,
    cartValue: 0.002,
    productViews: 0.02,
    idleSeconds: 0.16,
    cartReturns: 0.1,
    exitIntent: 3.6,
    checkoutStarted: -4,
  },
  threshold: 0.6,
  offer: { percent: 10, validForMs: 15 * 60_000 },
});

/** What is on the log before anybody comes: the first model, the first stock, the catalogue. */
export function firstFacts(): NewEvent[] {
  return [firstModel, ...catalog.map(delivered), ...catalog.map(published)];
}

/** Appends the first facts to a log that has none. `appended` is the number of events. */
export async function appendFirstFacts(
  brokers: string[],
  security?: Security,
): Promise<{ appended: number }> {
  const writer = await LogWriter.connect({
    brokers,
    service: 'first-facts',
    lane: 'first-facts',
    security,
  });
  try {
    if (!(await writer.isEmpty('products'))) return { appended: 0 };
    const facts = firstFacts();
    const isProduct = (fact: NewEvent) => fact.type === ProductPublished.type;
    // Products last: once one is there, so is the rest, even if this process dies half-way.
    await writer.append(facts.filter((fact) => !isProduct(fact)));
    await writer.append(facts.filter(isProduct));
    return { appended: facts.length };
  } finally {
    await writer.close();
  }
}

function delivered({ sku, firstStock, supplier }: CatalogEntry): NewEvent {
  return GoodsDelivered({ sku, quantity: firstStock, deliveryId: `first-${sku}`, supplier });
}

function published({
  sku,
  name,
  category,
  description,
  priceCents,
  picture,
}: CatalogEntry): NewEvent {
  const price = { cents: priceCents, currency: 'EUR' as const };
  return ProductPublished({ sku, name, category, description, price, picture });
}
