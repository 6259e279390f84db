import { seeded } from '#testing/golden';
import { drawn, faultNames, faults } from './faults.ts';

function plan(seed: number, length: number): string[] {
  const strikes = drawn(seeded(seed), faults);
  return Array.from({ length }, () => strikes.next().value.strike.says);
}

test('the same seed draws the same faults, victims and lengths; another draws others', () => {
  expect(plan(7, 60)).toEqual(plan(7, 60));
  expect(plan(7, 60)).not.toEqual(plan(8, 60));
});

test('every fault comes once a round, in an order of its own', () => {
  const strikes = drawn(seeded(7), faults);
  const round = () => faults.map(() => strikes.next().value.fault.name);
  const [first, second] = [round(), round()];
  expect(first.toSorted()).toEqual([...faultNames].toSorted());
  expect(second.toSorted()).toEqual([...faultNames].toSorted());
  expect(second).not.toEqual(first);
});
