import type { Taste } from './tastes.ts';
import { tasteOf, tastesFor } from './tastes.ts';

const product = (sku: string) => ({ sku, name: sku });

describe('the planted tastes', () => {
  it('hold only what the shop sells, and everything it sells once', () => {
    const strangers = Array.from({ length: 8 }, (_, index) => product(`OWN-${index}`));
    const sold = [product('CAMP-001'), product('CAMP-002'), product('KITC-001'), ...strangers];
    const tastes = tastesFor(sold);
    expect(
      tastes
        .flat()
        .map(({ sku }) => sku)
        .toSorted(),
    ).toEqual(sold.map(({ sku }) => sku).toSorted());
    expect(tastes.map((taste) => taste.length)).toEqual([2, 1, 6, 2]);
  });

  it('put products of different categories together', () => {
    const flask = product('STAR-005');
    const book = product('BOOK-001');
    expect(tastesFor([book, flask, product('BOOK-002')])).toContainEqual([book, flask]);
  });

  it('are of uneven weight, so that something is popular', () => {
    const tastes: Taste[] = Array.from({ length: 20 }, (_, index) => [product(`T-${index}`)]);
    const people = Array.from({ length: 1_000 }, (_, visitor) => tasteOf('spec', visitor, tastes));
    const first = people.filter((taste) => tastes.indexOf(taste) < 5).length;
    expect(first).toBeGreaterThan(430);
    expect(first).toBeLessThan(570);
  });
});
