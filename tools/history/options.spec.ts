import { parseHistoryOptions } from './options.ts';

test('nothing said: a month of a thousand visits a day', () => {
  expect(parseHistoryOptions([])).toEqual({
    days: 30,
    seed: '1',
    sessionsPerDay: 1_000,
    truth: null,
    fresh: false,
    help: false,
  });
});

test('what is said counts, with a space or an equals sign', () => {
  const argv = ['--days', '3', '--seed=river', '--sessions-per-day=50', '--truth', 'a', '--fresh'];
  expect(parseHistoryOptions(argv)).toEqual({
    days: 3,
    seed: 'river',
    sessionsPerDay: 50,
    truth: 'a',
    fresh: true,
    help: false,
  });
});

test.each([
  [['--day', '3'], 'There is no option --day: npm run history -- --help lists what there is.'],
  [['--days', '0'], '--days needs a number from 1 to 366, as in --days 30.'],
  [['--days'], '--days needs a number from 1 to 366, as in --days 30.'],
  [['--sessions-per-day', 'many'], '--sessions-per-day needs a number from 1 to 100000'],
  [['--seed', '--fresh'], '--seed needs a value, as in --seed 1.'],
  [['--truth'], '--truth needs a value, as in --truth truth.jsonl.'],
])('%j is answered with a sentence', (argv, sentence) => {
  expect(() => parseHistoryOptions(argv)).toThrow(sentence);
});
