import { jest } from '@jest/globals';
import type { Consumer } from 'kafkajs';
import { KeptStates } from './kept-states.ts';
import { LagDisplay } from './lag-display.ts';
import type { Owned } from './transact.ts';

type Offsets = Parameters<Consumer['commitOffsets']>[0];

describe('the lag display', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function display() {
    const told: Offsets[] = [];
    const answers: (() => void)[] = [];
    const commitOffsets = (offsets: Offsets) => {
      told.push(offsets);
      return new Promise<void>((resolve) => answers.push(resolve));
    };
    const shown = (topic: string, offset: number) => ({ topic, partition: 0, offset: `${offset}` });
    return { lag: new LagDisplay({ commitOffsets }), told, answers, shown };
  }

  it('tells once a second of all partitions, and where they came to rest', async () => {
    const { lag, told, answers, shown } = display();
    lag.show(at('orders', 1));
    await jest.advanceTimersByTimeAsync(0);
    answers[0]!();
    lag.show(at('orders', 2));
    lag.show(at('orders', 3));
    lag.show(at('stock', 7));
    await jest.advanceTimersByTimeAsync(999);
    expect(told).toEqual([[shown('orders', 1)]]);
    await jest.advanceTimersByTimeAsync(1);
    expect(told[1]).toEqual([shown('orders', 3), shown('stock', 7)]);
  });

  it('has one commit under way, however long that takes, and goes on with the last', async () => {
    const { lag, told, answers, shown } = display();
    for (const offset of [1, 2, 3]) {
      lag.show(at('orders', offset));
      await jest.advanceTimersByTimeAsync(5_000);
    }
    expect(told).toEqual([[shown('orders', 1)]]);
    answers[0]!();
    await jest.advanceTimersByTimeAsync(0);
    expect(told[1]).toEqual([shown('orders', 3)]);
  });

  it('does not repeat itself, and forgets what is due', async () => {
    const { lag, told, answers } = display();
    lag.show(at('orders', 1));
    await jest.advanceTimersByTimeAsync(0);
    answers[0]!();
    lag.show(at('orders', 1));
    await jest.advanceTimersByTimeAsync(5_000);
    expect(told).toHaveLength(1);
    lag.show(at('orders', 2));
    answers[1]!();
    await jest.advanceTimersByTimeAsync(0);
    lag.show(at('orders', 3));
    lag.forget();
    await jest.advanceTimersByTimeAsync(5_000);
    expect(told).toHaveLength(2);
  });
});

const at = (topic: string, offset: number): Owned => ({
  ...{ group: 'test', topic, partition: 0, epoch: 1 },
  progress: { offset, index: 0, time: 0, shared: null, lanes: new Map() },
  skips: new Map(),
  nextTimer: null,
  nextDue: null,
  kept: new KeptStates(1),
});
