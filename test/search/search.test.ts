import { jest } from '@jest/globals';
import fc from 'fast-check';
import { found } from './found.ts';
import { simulatedPause } from './simulation.ts';
import type { Step } from './history.ts';

/*
 * The loop's logic by itself: random histories of a small service on a simulated log and store, with
 * a scheduler that decides at every wait who goes on. What fails is shrunk to a short history.
 * SEARCH_RUNS and SEARCH_SEED search for longer and elsewhere.
 */
jest.unstable_mockModule('node:timers/promises', () => ({
  setTimeout: simulatedPause,
  setImmediate: () => simulatedPause(0),
}));
const { play } = await import('./history.ts');

const SEED = Number(process.env.SEARCH_SEED ?? 1);
const RUNS = Number(process.env.SEARCH_RUNS ?? 1500);
/** Whoever wants to know only whether something is found has no use for the shortest history. */
const ENDS_ON_FAILURE = process.env.SEARCH_SHRINK === 'no';
const MAX_STEPS = 12;
/** A step is followed by so many tasks at most. */
const MAX_RUN = 30;

const key = fc.nat(2);
const step: fc.Arbitrary<Step> = fc.oneof(
  ...[
    fc.record({ do: fc.constantFrom('note', 'checkout', 'poison', 'newer'), key }),
    fc.record({ do: fc.constantFrom('note', 'checkout', 'remark'), key }),
    fc.record({ do: fc.constant('hit'), key, hit: fc.integer({ min: 1, max: 3 }) }),
    fc.record({
      do: fc.constant('lose'),
      what: fc.constantFrom('request', 'answer', 'late', 'commit'),
    }),
    fc.record({
      do: fc.constantFrom('repeat', 'start', 'crash', 'freeze', 'thaw', 'move', 'wait', 'update'),
    }),
    fc.record({ do: fc.constantFrom('start', 'crash', 'move', 'wait') }),
  ].map((one) => fc.tuple(one, fc.nat(MAX_RUN)).map(([what, run]) => ({ ...what, run }) as Step)),
);
const history = fc.record(
  {
    steps: fc.array(step, { maxLength: MAX_STEPS }),
    choices: fc.array(fc.nat(5), { maxLength: 120 }),
  },
  { noNullPrototype: true }, // So that what is printed is JSON.
);

test.each(found)('as it was found: $what', async ({ steps, choices }) => {
  expect(await play(steps, choices)).toEqual([]);
});

test(`whatever happens, everything counts once (seed ${SEED}, ${RUNS} histories)`, async () => {
  const property = fc.asyncProperty(history, async ({ steps, choices }) => {
    expect(await play(steps, choices)).toEqual([]);
  });
  await fc.assert(property, { seed: SEED, numRuns: RUNS, endOnFailure: ENDS_ON_FAILURE });
}, 600_000);
