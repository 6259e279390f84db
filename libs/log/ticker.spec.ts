import { jest } from '@jest/globals';
import type { Surroundings } from './delivery.ts';
import { Ticker } from './ticker.ts';
import type { Owned } from './transact.ts';
import type { Trouble } from './trouble.ts';
import type { Work } from './work.ts';

const now = 1_000_000;
beforeEach(() => jest.useFakeTimers({ now }));
afterEach(() => jest.useRealTimers());

/** A partition whose first timer is to be looked at now; `due` is when the database says one is due. */
function ticking(due: number | null) {
  const at = { due, asked: 0, ticks: 0 };
  const owned = { topic: 't', partition: 0, nextDue: now - 1, progress: {} } as Owned;
  const work = { nextDue: async () => ((at.asked += 1), at.due) } as unknown as Work;
  const around = {
    dataSource: {},
    producer: { send: async () => void (at.ticks += 1) },
    service: 'test',
  } as unknown as Surroundings;
  const trouble = { passed: () => undefined, failed: fail } as unknown as Trouble;
  const ticker = new Ticker(work, around, () => [Promise.resolve(owned)], trouble);
  /** What was asked and appended after so many more ms. */
  const after = async (ms: number) => {
    await jest.advanceTimersByTimeAsync(ms);
    return at;
  };
  return { at, owned, ticker, after };
}

function fail(error: Error): never {
  throw error;
}

it('lets time pass for who is due, not for a timer that is only to be looked at', async () => {
  const { ticker, after } = ticking(now + 5000);
  ticker.arm();
  expect(await after(4900)).toMatchObject({ ticks: 0, asked: 1 });
  expect(await after(200)).toMatchObject({ ticks: 1, asked: 2 });
  ticker.stop();
});

it('asks again when a batch has moved the partition: it may have set an earlier timer', async () => {
  const { at, owned, ticker, after } = ticking(now + 60_000);
  ticker.arm();
  await after(1000);
  Object.assign(owned, { progress: {}, nextDue: now + 500 });
  at.due = now + 500;
  ticker.arm();
  expect((await after(0)).ticks).toBe(1);
  ticker.stop();
});

it('lets time pass twice a second at most', async () => {
  const { ticker, after } = ticking(now - 1);
  for (const ticks of [1, 1, 2, 2]) {
    ticker.arm(); // After each batch.
    expect((await after(200)).ticks).toBe(ticks);
  }
  ticker.stop();
});
