import { figures, isMet } from './figures.ts';
import type { Result } from './figures.ts';
import { advice, filledIn, merged, resultOf, resultTable } from './report.ts';

const read = (ratio: number) => resultOf('read', [ratio * 200_000], [200_000]);

test('each kind of target tells reached from missed', () => {
  const at = (ratio: number, value = 1) => ({ ratio, value });
  const least = { leastRatio: 0.8 };
  expect([isMet(least, at(0.8)), isMet(least, at(0.79))]).toEqual([true, false]);
  const most = { mostRatio: 3 };
  expect([isMet(most, at(3)), isMet(most, at(3.1))]).toEqual([true, false]);
  const within = { within: 0.15 };
  expect([0.84, 0.86, 1.14, 1.16].map((ratio) => isMet(within, at(ratio)))).toEqual([
    false,
    true,
    true,
    false,
  ]);
  const value = { mostValue: 1000 };
  expect([isMet(value, at(9, 1000)), isMet(value, at(9, 1001))]).toEqual([true, false]);
  expect(isMet(null, at(99))).toBe(true);
});

test('a result is whole, and says no more of the machine than cores and Node', () => {
  expect(resultOf('read', [100, 123_456, 90], [100, 100_000, 100])).toEqual({
    name: 'read',
    value: 100,
    unit: 'events/s',
    peer: 'kafkajs eachBatch + JSON.parse',
    peerValue: 100,
    ratio: 1,
    rounds: 3,
    spread: 0.335,
    at: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
    machine: expect.stringMatching(/^\d+ cores, Node [\d.]+$/),
  });
});

test('each row ends with ok or MISSED and its target, under each other', () => {
  const loop = resultOf('loop-p50', [20], [10]);
  const lines = resultTable([read(0.9), read(0.5), loop, resultOf('wake-p99', [9], [9])]).split(
    '\n',
  );
  const ends = ['target', 'ok ≥ 0.8 ×', 'MISSED ≥ 0.8 ×', 'ok ≤ 3 ×', 'for comparison'];
  expect(lines).toHaveLength(ends.length);
  const column = lines[0]!.indexOf('target');
  expect(lines.map((line) => line.slice(column))).toEqual(ends);
});

test('the last line says what to do next', () => {
  expect(advice([read(0.9)])).toContain('commit bench/results.json');
  expect(advice([read(0.9), resultOf('loop-p50', [90], [10])])).toMatch(/^Missed: loop-p50\. /);
});

test('a run of one bench leaves the others as they were, in the order of the table', () => {
  const growth = resultOf('growth-rate', [1], [1]);
  const old: Result[] = [growth, read(0.1)];
  expect(merged(old, [read(0.9)]).map(({ name, ratio }) => [name, ratio])).toEqual([
    ['read', 0.9],
    ['growth-rate', 1],
  ]);
  expect(new Set(figures.map(({ name }) => name)).size).toBe(figures.length);
});

test('the page gets the table between its marks, again and again', () => {
  const page = 'before\n<!-- results -->\nold\n<!-- /results -->\nafter\n';
  const once = filledIn(page, [read(0.9)]);
  expect(once).toMatch(/^before\n<!-- results -->\n\| figure .*\n\| --- .*\n\| read \| 180,000 /);
  expect(once).toMatch(/\n<!-- \/results -->\nafter\n$/);
  expect(filledIn(once, [read(0.9)])).toBe(once);
});
