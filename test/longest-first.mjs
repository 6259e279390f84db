import Sequencer from '@jest/test-sequencer';

/**
 * The suites that take longest, those that mostly wait beside busy ones; and of those that run alone
 * what loads the machine most at the end, when the others have run.
 */
const LONG = [
  'acceptance/journey',
  'guarantees/orders-killed',
  'guarantees/chaos',
  'guarantees/versions',
  'guarantees/health',
  'guarantees/history',
  'guarantees/rebuild',
  'guarantees/system',
  'search/mutants',
  'guarantees/log-delivery',
];

/** On a fresh clone Jest knows no durations and goes by size: then one of these runs last, by itself. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONG.findIndex((name) => path.endsWith(`test/${name}.test.ts`));
      return at < 0 ? LONG.length : at;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
