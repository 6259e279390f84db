import { offBy } from './clock.ts';

test('a clock that is off says so whenever it is asked for now, and jumps', () => {
  let offMs = 180_000;
  const Real = Object.assign(class extends Date {}, { now: () => 1_000 });
  const Wrong = offBy(() => offMs, Real as unknown as DateConstructor);
  expect([Wrong.now(), new Wrong().getTime()]).toEqual([181_000, 181_000]);
  offMs = -500;
  expect([Wrong.now(), new Wrong().getTime()]).toEqual([500, 500]);
  expect(new Wrong(7).getTime()).toBe(7);
  expect(Wrong.parse('1970-01-01T00:00:01Z')).toBe(1_000);
  expect(new Wrong()).toBeInstanceOf(Date);
});
