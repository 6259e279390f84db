import { Dice } from './dice.ts';
import { restock } from './restocking.ts';
import type { Delivery, Shelf } from './restocking.ts';

const shelf = (sku: string, available: number, category = 'Kitchen'): Shelf => ({
  sku,
  name: sku,
  category,
  available,
});

/** What each of several looks at the shelves brings. */
function looks(...rounds: Shelf[][]): Delivery[][] {
  let before: ReadonlyMap<string, number> = new Map();
  return rounds.map((shelves) => {
    const { low, deliveries } = restock(shelves, before, new Dice('spec'));
    before = low;
    return deliveries;
  });
}

describe('suppliers', () => {
  it('deliver what is low at a second look', () => {
    const shelves = [shelf('MUG-1', 2), shelf('MUG-2', 3)];
    const [first, second] = looks(shelves, shelves);
    expect(first).toEqual([]);
    expect(second).toMatchObject([{ supplier: 'Kitchen wholesale', items: [{ sku: 'MUG-1' }] }]);
    expect(second![0]!.items[0]!.quantity).toBeGreaterThanOrEqual(15);
    expect(second![0]!.items[0]!.quantity).toBeLessThanOrEqual(45);
  });

  it('bring one delivery a category', () => {
    const shelves = [shelf('MUG-1', 0), shelf('MUG-2', 0), shelf('TENT-1', 0, 'Camping')];
    const [, second] = looks(shelves, shelves);
    expect(second!.map(({ items }) => items.map(({ sku }) => sku))).toEqual([
      ['MUG-1', 'MUG-2'],
      ['TENT-1'],
    ]);
  });

  it('do not deliver again while the first delivery is under way, but once it must be lost', () => {
    const rounds = looks(...Array.from({ length: 12 }, () => [shelf('MUG-1', 1)]));
    expect(rounds.map((deliveries) => deliveries.length)).toEqual([
      0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1,
    ]);
  });

  it('begin anew when the shelf was full in between', () => {
    const rounds = looks([shelf('MUG-1', 1)], [shelf('MUG-1', 9)], [shelf('MUG-1', 1)]);
    expect(rounds.flat()).toEqual([]);
  });
});
