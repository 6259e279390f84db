import Sequencer from '@jest/test-sequencer';

/** The suites that take longest beside others, those that mostly wait beside busy ones. */
const LONG = [
  'guarantees/health',
  'guarantees/rebuild',
  'guarantees/system',
  'search/mutants',
  'guarantees/log-delivery',
];

/** On a fresh clone Jest knows no durations and goes by size: then one of these runs last, alone. */
export default class LongestFirst extends Sequencer {
  sort(tests) {
    const rank = ({ path }) => {
      const at = LONG.findIndex((name) => path.endsWith(`test/${name}.test.ts`));
      return at < 0 ? LONG.length : at;
    };
    return super.sort(tests).sort((a, b) => rank(a) - rank(b));
  }
}
