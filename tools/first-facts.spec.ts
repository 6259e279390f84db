import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { createRequire } from 'node:module';
import { ProductPublished } from '#contracts/products';
import { GoodsDelivered } from '#contracts/stock';
import { ModelPromoted } from '#contracts/visitors';
import type { DataOf } from '#contracts/contract';
import { tastesFor } from '../apps/simulator/src/tastes.ts';
import { catalog } from './catalog.ts';
import { firstFacts } from './first-facts.ts';

const pictures = join(
  dirname(createRequire(import.meta.url).resolve('@lobehub/fluent-emoji-3d/package.json')),
  'assets',
);

function data(type: { type: string }): unknown[] {
  return firstFacts().flatMap((fact) => (fact.type === type.type ? [fact.data] : []));
}

describe('the catalogue', () => {
  it('has at least 128 products in at least 8 categories, none of them lonely', () => {
    expect(catalog.length).toBeGreaterThanOrEqual(128);
    const sizes = new Map<string, number>();
    for (const { category } of catalog) sizes.set(category, (sizes.get(category) ?? 0) + 1);
    expect(sizes.size).toBeGreaterThanOrEqual(8);
    expect(Math.min(...sizes.values())).toBeGreaterThanOrEqual(5);
  });

  it.each(['sku', 'name', 'description', 'picture'] as const)('never repeats a %s', (field) => {
    expect(new Set(catalog.map((entry) => entry[field])).size).toBe(catalog.length);
  });

  it('shows pictures that exist', () => {
    expect(catalog.filter(({ picture }) => !existsSync(join(pictures, picture)))).toEqual([]);
  });

  it('is what the simulated shoppers have a taste for: six of everything, across categories', () => {
    const tastes = tastesFor(catalog);
    expect(tastes.filter((taste) => taste.length !== 6)).toEqual([]);
    const categoryOf = new Map(catalog.map(({ sku, category }) => [sku, category]));
    const mixed = tastes.filter(
      (taste) => new Set(taste.map(({ sku }) => categoryOf.get(sku))).size > 1,
    );
    expect(mixed.length).toBeGreaterThanOrEqual(8);
  });

  it('asks between EUR 3 and EUR 400', () => {
    const odd = catalog.filter(({ priceCents }) => priceCents < 300 || priceCents > 40_000);
    expect(odd).toEqual([]);
  });

  it('starts with 3 to 80 pieces of each, of some with fewer than 9', () => {
    const pieces = catalog.map(({ firstStock }) => firstStock);
    expect(Math.min(...pieces)).toBeGreaterThanOrEqual(3);
    expect(Math.max(...pieces)).toBeLessThanOrEqual(80);
    expect(pieces.filter((count) => count < 9).length).toBeGreaterThanOrEqual(3);
  });
});

describe('the first facts', () => {
  it('publish and deliver every product once, and promote one model', () => {
    expect(data(ProductPublished)).toHaveLength(catalog.length);
    expect(data(GoodsDelivered)).toHaveLength(catalog.length);
    expect(data(ModelPromoted)).toHaveLength(1);
    const deliveries = data(GoodsDelivered) as DataOf<typeof GoodsDelivered>[];
    expect(new Set(deliveries.map(({ deliveryId }) => deliveryId)).size).toBe(catalog.length);
  });

  it('are the same at every call, so that appending them again changes nothing', () => {
    expect(firstFacts()).toEqual(firstFacts());
  });
});

describe('the first model', () => {
  const [model] = data(ModelPromoted) as [DataOf<typeof ModelPromoted>];
  const nothing = {
    itemsInCart: 0,
    cartValue: 0,
    productViews: 0,
    idleSeconds: 0,
    cartReturns: 0,
    exitIntent: 0,
    checkoutStarted: 0,
  };

  /** The formula that ModelPromoted documents. */
  function score(features: Partial<typeof nothing>): number {
    const terms = Object.entries({ ...nothing, ...features }).map(
      ([name, value]) => model.coefficients[name]! * value,
    );
    return 1 / (1 + Math.exp(-terms.reduce((sum, term) => sum + term, model.intercept)));
  }

  const carts = [1, 2, 3].flatMap((itemsInCart) =>
    [20, 50, 80].flatMap((cartValue) =>
      [2, 6].map((productViews) => ({ itemsInCart, cartValue, productViews })),
    ),
  );

  it('has a coefficient for each feature, and no other', () => {
    expect(Object.keys(model.coefficients).toSorted()).toEqual(Object.keys(nothing).toSorted());
  });

  it('offers after 20 s without a move, whatever the everyday cart, and not after 10 s', () => {
    const after = (idleSeconds: number) => carts.map((cart) => score({ ...cart, idleSeconds }));
    expect(Math.min(...after(20))).toBeGreaterThan(model.threshold);
    expect(Math.max(...after(10))).toBeLessThan(model.threshold);
  });

  it.each([
    { itemsInCart: 1, cartValue: 3 },
    { itemsInCart: 20, cartValue: 3 },
    { itemsInCart: 2, cartValue: 80, productViews: 6 },
  ])('offers at once on exit intent: %o', (cart) => {
    expect(score({ ...cart, exitIntent: 1 })).toBeGreaterThan(model.threshold);
  });

  it('offers nothing to somebody who has just added something, however much they looked', () => {
    const most = { itemsInCart: 1, cartValue: 500, productViews: 50, cartReturns: 10 };
    expect(score(most)).toBeLessThan(model.threshold);
  });

  it('leaves those who started the checkout alone for half a minute', () => {
    const cart = { itemsInCart: 2, cartValue: 50, productViews: 4, checkoutStarted: 1 };
    expect(score({ ...cart, idleSeconds: 30 })).toBeLessThan(model.threshold);
    expect(score({ ...cart, exitIntent: 1 })).toBeLessThan(model.threshold);
  });

  it('offers 10 % for a quarter of an hour', () => {
    expect(model.offer).toEqual({ percent: 10, validForMs: 900_000 });
  });
});
