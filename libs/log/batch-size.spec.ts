import { BatchSize } from './batch-size.ts';

it('grows while transactions are quick and full, up to a limit', () => {
  const size = new BatchSize();
  const sizes = Array.from({ length: 5 }, () => {
    size.took(size.now, 100);
    return size.now;
  });
  expect(sizes).toEqual([1000, 2000, 4000, 8000, 8000]);
});

it('stays where transactions are quick because there is little to do', () => {
  const size = new BatchSize();
  size.took(3, 5);
  expect(size.now).toBe(500);
});

it('shrinks to what is done in a second', () => {
  const size = new BatchSize();
  size.took(500, 4000);
  expect(size.now).toBe(125);
  size.took(125, 10_000);
  expect(size.now).toBe(50);
});

it('halves when a transaction fails', () => {
  const size = new BatchSize();
  size.failed();
  expect(size.now).toBe(250);
  for (let i = 0; i < 9; i += 1) size.failed();
  expect(size.now).toBe(50);
});
