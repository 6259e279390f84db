import { parseOptions } from './options.ts';

const parse = (...argv: string[]) => parseOptions(argv);

it('lists what is open, of all topics, unless told otherwise', () => {
  expect(parse('list')).toMatchObject({ all: false, topic: null, group: null, json: false });
  expect(parse('list', '--topic', 'visitors.bad', '--all', '--limit', '7')).toMatchObject({
    topic: 'visitors',
    all: true,
    limit: 7,
  });
});

it('takes who decides and why', () => {
  expect(parse('discard', 'visitors.bad-2/17', '--why', ' a test ', '--by', 'eve')).toMatchObject({
    command: 'discard',
    id: 'visitors.bad-2/17',
    why: 'a test',
    by: 'eve',
  });
});

it('helps, whatever else it is asked', () => {
  expect(parse('--help').command).toBe('help');
  expect(parse('retry', '-h').command).toBe('help');
});

it.each([
  [[], 'Say what to do: list, show, retry or discard; npm run bad -- --help lists what there is.'],
  [['mend'], 'There is no command "mend": list, show'],
  [['toString'], 'There is no command "toString"'],
  [['retry'], 'retry needs the ID of a bad event: npm run bad -- list shows them.'],
  [['retry', 'a', 'b'], 'retry does not know what "b" is'],
  [['list', 'a'], 'list does not know what "a" is'],
  [['list', '--why', 'x'], "list: Unknown option '--why'"],
  [['list', '--limit', '0'], '--limit cannot be "0"'],
  [['discard', 'a'], 'discard needs a reason'],
  [['discard', 'a', '--why', ' '], 'discard needs a reason'],
  [['discard', 'a', '--why', 'x'.repeat(2001)], '--why may have 2000 characters'],
])('refuses %j with a sentence', (argv, sentence) => {
  expect(() => parse(...argv)).toThrow(sentence);
  expect(() => parse(...argv)).not.toThrow(/\n/);
});
