import Sequencer from '@jest/test-sequencer';

/** The suites that take longest, busy ones beside ones that mostly wait. */
const LONG = [
  'guarantees/chaos',
  'acceptance/journey',
  'guarantees/orders-killed',
  'guarantees/health',
  'guarantees/rebuild',
  'guarantees/system',
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
