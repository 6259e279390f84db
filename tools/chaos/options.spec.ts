import { commandOf, parseOptions } from './options.ts';

test('reads what was asked for', () => {
  expect(parseOptions([])).toMatchObject({
    seed: 1,
    minutes: 5,
    brokers: 1,
    rate: 50,
    faults: null,
  });
  const argv = ['--seed', '7', '--minutes=0.5', '--brokers', '3', '--faults', 'kill,pause'];
  expect(parseOptions(argv)).toMatchObject({
    seed: 7,
    minutes: 0.5,
    brokers: 3,
    faults: ['kill', 'pause'],
  });
});

test.each([
  [['--seed', 'x'], '--seed must be a whole number from 0 to 4294967295.'],
  [['--minutes', '0'], '--minutes must be a number from 0.1 to 600.'],
  [['--brokers', '2'], '--brokers must be 1 or 3.'],
  [['--faults', 'flood'], 'There is no fault "flood": --faults takes some of kill, '],
  [['--speed', '1'], "Unknown option '--speed': npm run chaos -- --help lists what there is."],
])('%j is refused in a sentence', (argv, sentence) => {
  expect(() => parseOptions(argv)).toThrow(sentence);
});

test('names the command that does the same again', () => {
  const argv = [
    '--seed',
    '7',
    '--minutes',
    '2',
    '--brokers',
    '3',
    '--rate',
    '20',
    '--faults',
    'cut',
  ];
  expect(commandOf(parseOptions(argv))).toBe(
    'npm run chaos -- --seed 7 --minutes 2 --brokers 3 --rate 20 --faults cut',
  );
  expect(commandOf(parseOptions([]))).toBe('npm run chaos -- --seed 1 --minutes 5');
});
