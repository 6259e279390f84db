import { jest } from '@jest/globals';
import { KeptStates } from './kept-states.ts';
import { silent } from './log-sink.ts';
import { PassedOver } from './passed-over.ts';
import type { Owned } from './transact.ts';
import { Trouble } from './trouble.ts';
import type { Work } from './work.ts';

describe('what was passed over', () => {
  beforeEach(() => jest.useFakeTimers());
  afterEach(() => jest.useRealTimers());

  function passing() {
    const answers: ((ours: object[]) => void)[] = [];
    const query = () => new Promise((resolve) => answers.push(resolve));
    const said: string[] = [];
    const work = { group: 'test', wants: () => false } as unknown as Work;
    const passedOver = new PassedOver(
      work,
      { query } as never,
      new Trouble(silent, { fails: '', works: '' }),
      {
        saved: ({ progress }) => void said.push(`saved ${progress.offset}`),
        fenced: () => void said.push('fenced'),
      },
    );
    const owned = at(1);
    const pass = (offset: number) => passedOver.pass(owned, [recordAt(offset)]);
    const answer = async (ours: object[]) => {
      await jest.advanceTimersByTimeAsync(1000);
      answers.shift()!(ours);
      await jest.advanceTimersByTimeAsync(0);
    };
    return { passedOver, owned, pass, answer, said };
  }

  it('is told when it is saved, or that somebody else has the partition', async () => {
    const { passedOver, owned, pass, answer, said } = passing();
    expect(pass(1)).toBe(true);
    expect(passedOver.has(owned)).toBe(true);
    await answer([place]);
    expect([passedOver.has(owned), ...said]).toEqual([false, 'saved 2']);
    pass(2);
    await answer([]);
    expect([passedOver.has(owned), ...said]).toEqual([false, 'saved 2', 'fenced']);
  });

  it('is not told once a transaction has saved more: a lag would be shown that is none', async () => {
    const { passedOver, owned, pass, answer, said } = passing();
    pass(1);
    await jest.advanceTimersByTimeAsync(1000); // The statement is under way.
    owned.progress = { ...owned.progress, offset: 5 };
    passedOver.saved(owned);
    await answer([place]);
    expect(said).toEqual([]);
  });
});

const place = { topic: 'orders', partition: 0 };

const at = (offset: number): Owned => ({
  ...{ ...place, group: 'test', epoch: 1 },
  progress: { offset, index: 0, time: 0, shared: null, lanes: new Map() },
  skips: new Map(),
  nextTimer: null,
  nextDue: null,
  kept: new KeptStates(1),
});

const recordAt = (offset: number) => ({
  ...{ offset, timestamp: 1, key: null, value: Buffer.from('{}') },
  headers: { ce_type: 'Remarked' },
});
