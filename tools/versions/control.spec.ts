import { firstPlacement } from '#contracts/releases';
import { backwards, knows, Placements } from './control.ts';

it('looks back in longer and longer pieces, to the beginning and no further', () => {
  expect([...backwards({ from: 10, to: 150_000 })]).toEqual([
    { from: 148_000, to: 150_000 },
    { from: 132_000, to: 148_000 },
    { from: 4_000, to: 132_000 },
    { from: 10, to: 4_000 },
  ]);
  expect([...backwards({ from: 10, to: 10 })]).toEqual([]);
});

it('knows where an application stands once it has found what was said of it', () => {
  const found = new Placements([firstPlacement('feedback')]);
  expect(knows('feedback')(found)).toBe(true);
  expect(knows('feedback', 'recommendations')(found)).toBe(false);
});
