import type { StateRow } from './state-row.ts';
import { DueTimers } from './timers.ts';
import type { Timer } from './timers.ts';

function timersOf(timers: Record<string, number | null>, horizon: Timer | null = null): DueTimers {
  const rows = Object.entries(timers).map(([key, lookAt]): [string, StateRow] => [
    key,
    { state: '{}', wakeAt: lookAt, lookAt, hits: null, cause: null },
  ]);
  return new DueTimers(new Map(rows), horizon);
}

/** Everything due up to `time`, as `at key`. */
function due(timers: DueTimers, time: number): string[] {
  const found: string[] = [];
  for (;;) {
    const next = timers.next(time);
    if (next === undefined) return found;
    if (next === 'unknown') return [...found, 'unknown'];
    found.push(`${next.at} ${next.key}`);
  }
}

it('come in the order of time and then key, whatever order they were loaded in', () => {
  const timers = timersOf({ b: 20, c: 10, a: 20, never: null, z: 10, B: 20 });
  expect(due(timers, 20)).toEqual(['10 c', '10 z', '20 B', '20 a', '20 b']);
});

it('come at their time, not before it, and once', () => {
  const timers = timersOf({ a: 10 });
  expect(due(timers, 9)).toEqual([]);
  expect(due(timers, 10)).toEqual(['10 a']);
  expect(due(timers, 99)).toEqual([]);
});

it('take their place when they are set later', () => {
  const timers = timersOf({ b: 10, d: 30 });
  timers.add(20, 'c');
  timers.add(10, 'a');
  timers.add(5, 'e');
  timers.add(40, 'f');
  expect(due(timers, 99)).toEqual(['5 e', '10 a', '10 b', '20 c', '30 d', '40 f']);
});

it('are unknown beyond those that were loaded', () => {
  const timers = timersOf({ a: 10, b: 20, kept: 50 }, { at: 20, key: 'b' });
  timers.add(15, 'set');
  expect(due(timers, 60)).toEqual(['10 a', '15 set', '20 b', 'unknown']);
});

it('are all known before the last that was loaded, and at a time before it', () => {
  expect(due(timersOf({ a: 10, b: 20 }, { at: 20, key: 'b' }), 19)).toEqual(['10 a']);
});
