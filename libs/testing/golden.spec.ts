import { z } from 'zod';
import { declareBadTracks } from '#contracts/bad';
import { stream } from '#contracts/contract';
import { processor } from '#log/processor';
import { expectGolden, goldenDigest } from './golden.ts';

const lamps = stream('golden-lamps', { key: 'lamp' });
const LampSwitched = lamps.event(
  'LampSwitched',
  'On or off.',
  { writer: '*' },
  { lamp: z.string() },
);
declareBadTracks();

const history = ['hall', 'desk', 'hall'].map((lamp, i) => ({
  event: LampSwitched({ lamp }),
  at: 1_767_225_600_000 + i,
}));

function counting(step: number, version = 1) {
  return processor({
    name: 'golden.counting',
    version,
    reads: [LampSwitched],
    state: z.number(),
    initial: 0,
    on: (count) => ({ state: count + step }),
  });
}

describe('the golden digest', () => {
  const committed = { version: 1, digest: goldenDigest(counting(1), history) };

  it('stays as long as the result does', () => {
    expect(() => expectGolden(counting(1), history, committed)).not.toThrow();
  });

  it('asks for a new version when the result changes', () => {
    expect(() => expectGolden(counting(2), history, committed)).toThrow(
      'golden.counting is still version 1, but gives another result for the same history: ' +
        'raise its version',
    );
  });

  it('asks for the digest of a new version', () => {
    const digest = goldenDigest(counting(2, 2), history);
    expect(() => expectGolden(counting(2, 2), history, committed)).toThrow(
      `commit { version: 2, digest: '${digest}' }`,
    );
  });

  it('refuses a fold whose result depends on how the log is cut', () => {
    let calls = 0;
    const impure = processor({
      name: 'golden.impure',
      reads: [LampSwitched],
      state: z.number(),
      initial: 0,
      on: () => ({ state: (calls += 1) }),
    });
    expect(() => goldenDigest(impure, history)).toThrow('golden.impure gives another result when');
  });
});
