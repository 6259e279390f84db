import { stream, table } from '#contracts/contract';
import { behindMs, GroupHealth, moveOf } from './group-health.ts';
import { silent } from './log-sink.ts';
import type { Owned } from './transact.ts';
import type { Work } from './work.ts';

const carts = stream('carts-of-a-spec', { key: 'id' });
const prices = table('prices-of-a-spec', { key: 'id' });

function health(topics: Work['topics'], ends: Record<string, number[]> = {}) {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(line);
  const watermarks = Object.entries(ends).map(([topic, highs]) => {
    return [
      topic,
      highs.map((high, partition) => ({ partition, low: '0', high: `${high}` })),
    ] as const;
  });
  const work = { group: 'spec.view', topics } as unknown as Work;
  const sink = { ...silent, log: say, warn: say };
  return { lines, group: new GroupHealth(work, sink, new Map(watermarks)) };
}

const standing = (topic: string, partition: number, offset: number) =>
  ({ group: 'spec.view', topic, partition, progress: { offset } }) as Owned;

test('a rebalance is said in one line, and only when something moved', () => {
  const { lines, group } = health([carts, prices]);
  group.assigned({ [carts.name]: [0, 1, 2, 3, 4, 5], [prices.name]: [0, 1] });
  group.assigned({ [prices.name]: [1, 0], [carts.name]: [5, 4, 3, 2, 1, 0] });
  group.assigned({ [carts.name]: [4, 0, 2], [prices.name]: [0, 1] });
  group.assigned({});
  expect(lines).toEqual([
    'spec.view has all 6 partitions of carts-of-a-spec now, and ' +
      '2 of 6 partitions of prices-of-a-spec (0, 1) now',
    'spec.view has 3 of 6 partitions of carts-of-a-spec (0, 2, 4) now: 1, 3, 5 moved away',
    'spec.view has none of 6 partitions of carts-of-a-spec now: 0, 2, 4 moved away, and ' +
      'none of 6 partitions of prices-of-a-spec now: 0, 1 moved away',
  ]);
});

test('partitions that came beside others are named', () => {
  expect(moveOf('carts', [1], [1, 3, 5])).toBe(
    '3 of 6 partitions of carts (1, 3, 5) now: 3, 5 came',
  );
  expect(moveOf('carts', [0], [1])).toBe(
    '1 of 6 partitions of carts (1) now: 1 came, 0 moved away',
  );
  expect(moveOf('carts', [0], [0])).toBeNull();
});

test('a group begins when it has its partitions and has read what its tables held', () => {
  const { group } = health([carts, prices], { [prices.name]: [30, 20, 9] });
  expect(group.beginnings()).toEqual(['spec.view waits for its partitions']);
  group.assigned({ [carts.name]: [0], [prices.name]: [0, 1] });
  group.claimed(standing(prices.name, 0, 12));
  const reads = 'spec.view reads the table prices-of-a-spec: it is at';
  expect(group.beginnings()).toEqual([`${reads} 12 of 50`]);
  group.delivered(standing(prices.name, 0, 30));
  expect(group.beginnings()).toEqual([`${reads} 0 of 20`]);
  group.claimed(standing(prices.name, 1, 20));
  expect(group.beginnings()).toEqual([]);
});

test('a member that hears nothing for ten seconds cannot work', () => {
  const { group } = health([carts]);
  group.assigned({ [carts.name]: [0] });
  group.heard(5000);
  expect(group.complaints(14_000)).toEqual([]);
  expect(group.complaints(15_000)).toEqual([
    { says: 'spec.view has not heard from Kafka for 10 s', blocks: true },
  ]);
});

test('trouble with a partition is forgotten when it moves away', () => {
  const { group } = health([carts]);
  group.assigned({ [carts.name]: [0] });
  expect(group.failed(carts.name, 0, new Error('no'))).toBe(1);
  expect(group.notClaimed(carts.name, 0, new Error('no'))).toBe(1);
  const says = group.complaints().map((complaint) => complaint.says.replace(/ for .* s/, ''));
  expect(says).toEqual([
    'spec.view cannot take carts-of-a-spec-0 over,: no',
    'spec.view holds carts-of-a-spec-0 back,: no',
  ]);
  group.assigned({ [carts.name]: [0, 1] });
  expect(group.complaints()).toHaveLength(2); // It stayed, and so did its trouble.
  group.assigned({ [carts.name]: [1] });
  expect(group.complaints()).toEqual([]);
  expect(group.notClaimed(carts.name, 0, new Error('no'))).toBeNull();
});

test('a partition is behind its clock only while something waits in it', () => {
  const at = { unread: 0, doneUntil: 1000, nextDue: null };
  expect(behindMs(at, 9000)).toBe(0); // Idle: its time stands still.
  expect(behindMs({ ...at, unread: 1 }, 9000)).toBe(8000);
  expect(behindMs({ ...at, nextDue: 8500 }, 9000)).toBe(500);
  expect(behindMs({ ...at, nextDue: 9500 }, 9000)).toBe(0);
  expect(behindMs({ ...at, unread: 1, nextDue: 8500 }, 9000)).toBe(8000);
});
