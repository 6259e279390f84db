import { firstPlacement } from '#contracts/releases';
import { backwards, knows, Placements } from './control.ts';

it('looks back in longer and longer pieces, to the beginning and no further', () => {
  expect([...backwards({ from: 10, to: 20_000 })]).toEqual([
    { from: 19_750, to: 20_000 },
    { from: 17_750, to: 19_750 },
    { from: 1_750, to: 17_750 },
    { from: 10, to: 1_750 },
  ]);
  expect([...backwards({ from: 10, to: 10 })]).toEqual([]);
});

it('knows where an application stands once it has found what was said of it', () => {
  const found = new Placements([firstPlacement('feedback')]);
  expect(knows('feedback')(found)).toBe(true);
  expect(knows('feedback', 'recommendations')(found)).toBe(false);
});
