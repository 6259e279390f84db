import { silent } from './log-sink.ts';
import { reasonOf, seconds, Trouble } from './trouble.ts';

const words = { fails: 'The outbox is not published', works: 'The outbox is published again' };

function listened() {
  const lines: string[] = [];
  const warn = (line: string) => void lines.push(line);
  return { lines, trouble: new Trouble({ ...silent, warn }, words) };
}

test('what is tried again is said when it begins and when it is over, with how often', () => {
  const { lines, trouble } = listened();
  const failures = [0, 100, 300].map((at) => trouble.failed(new Error('no broker\nat …'), at));
  expect(failures).toEqual([1, 2, 3]);
  trouble.passed(1700);
  trouble.passed(1800);
  expect(lines).toEqual([
    'The outbox is not published: no broker; it is tried again until it works',
    'The outbox is published again, after 3 tries in 1.7 s',
  ]);
  expect(trouble.failed(new Error('no broker'), 2000)).toBe(1);
  expect(lines).toHaveLength(3);
});

test('it is complained of from the first failure, and blocks when it has lasted', () => {
  const { trouble } = listened();
  expect(trouble.complaints(0)).toEqual([]);
  trouble.failed(new Error('no broker'), 0);
  trouble.failed(new Error('no leader'), 9000);
  const says = (lasted: string) => `The outbox is not published, for ${lasted}: no leader`;
  expect(trouble.complaints(9900)).toEqual([{ says: says('9.9 s'), blocks: false }]);
  expect(trouble.complaints(10_000)).toEqual([{ says: says('10 s'), blocks: true }]);
  trouble.passed(10_100);
  expect(trouble.complaints(10_100)).toEqual([]);
});

test('times are short, and every error has a reason', () => {
  expect([0, 40, 9949, 9950, 61_000].map(seconds)).toEqual([
    '0.0 s',
    '0.0 s',
    '9.9 s',
    '10 s',
    '61 s',
  ]);
  expect(reasonOf(new AggregateError([new Error('connect ECONNREFUSED ::1:5432')]))).toBe(
    'connect ECONNREFUSED ::1:5432',
  );
  expect(reasonOf(new TypeError())).toBe('TypeError');
  expect(reasonOf(new Error('x'.repeat(1000)))).toHaveLength(300);
});
