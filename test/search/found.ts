import type { Step } from './history.ts';

/** Histories that failed once, each with what was wrong: they are played before any other. */
export const found: { what: string; steps: Step[]; choices: number[] }[] = [
  {
    what:
      'A member missed a round in which another one owned its partition and set a timer there: it ' +
      'took itself for the owner still, and the timer stood still until the next record.',
    steps: [
      { do: 'start', run: 4 },
      { do: 'note', key: 0, run: 23 },
      { do: 'start', run: 8 },
      { do: 'freeze', run: 0 },
      { do: 'move', run: 4 },
      { do: 'wait', run: 15 },
      { do: 'hit', key: 2, hit: 1, run: 18 },
      { do: 'move', run: 3 },
    ],
    choices: [3, 0, 2],
  },
  {
    what:
      'The claim of a partition failed when it was handed out, its transaction having been ended: ' +
      'nobody owned the partition until the next record, and the timer stood still.',
    steps: [
      { do: 'move', run: 21 },
      { do: 'freeze', run: 16 },
      { do: 'thaw', run: 9 },
      { do: 'hit', key: 2, hit: 1, run: 27 },
      { do: 'lose', what: 'request', run: 2 },
      { do: 'start', run: 30 },
      { do: 'freeze', run: 0 },
      { do: 'start', run: 30 },
      { do: 'start', run: 28 },
      { do: 'hit', key: 0, hit: 1, run: 1 },
    ],
    choices: [],
  },
  {
    what:
      'Kafka was told of a position before it was saved: the next owner began there, and its own ' +
      'position stood still until the next record.',
    steps: [
      { do: 'remark', key: 2, run: 0 },
      { do: 'start', run: 0 },
      { do: 'lose', what: 'request', run: 13 },
      { do: 'thaw', run: 7 },
      { do: 'start', run: 14 },
      { do: 'newer', key: 0, run: 17 },
    ],
    choices: [],
  },
  {
    what:
      'A frozen process claimed a partition when it had moved to another one, which passed over a record: ' +
      'that position was never saved.',
    steps: [
      { do: 'note', key: 0, run: 5 },
      { do: 'freeze', run: 0 },
      { do: 'start', run: 0 },
      { do: 'remark', key: 2, run: 8 },
    ],
    choices: [],
  },
];
