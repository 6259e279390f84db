import { help, parseCommand } from './options.ts';

const parse = (line: string) => parseCommand(line.split(' ').filter(Boolean));

it.each([
  ['list --json', { do: 'list', json: true }],
  ['start recommendations v2', { do: 'start', application: 'recommendations', release: 'v2' }],
  [
    'split feedback v1=90 v2=10',
    {
      do: 'split',
      application: 'feedback',
      shares: [
        { release: 'v1', percent: 90 },
        { release: 'v2', percent: 10 },
      ],
    },
  ],
  [
    'pin feedback visitor-1 v2',
    { do: 'pin', application: 'feedback', visitorId: 'visitor-1', release: 'v2' },
  ],
  ['rollback feedback', { do: 'rollback', application: 'feedback' }],
  ['retire feedback v1 --yes', { do: 'retire', application: 'feedback', release: 'v1', yes: true }],
  [
    'compare feedback v1 v2',
    { do: 'compare', application: 'feedback', releases: ['v1', 'v2'], json: false },
  ],
  ['', { do: 'help' }],
])('understands %s', (line, command) => {
  expect(parse(line)).toEqual(command);
});

it.each([
  ['swap feedback', 'There is no command swap: npm run versions -- --help lists what there is.'],
  ['start', 'start needs an application: choose from recommendations, feedback.'],
  ['start shop v2', 'There are no versions of shop: choose from recommendations, feedback.'],
  ['start feedback v9', 'There is no code for feedback "v9": choose from v1, v2.'],
  [
    'start feedback',
    'start takes one version, as in npm run versions -- start recommendations v2.',
  ],
  ['split feedback v1=90 v2=20', 'The shares are 110 percent together: make them 100.'],
  ['split feedback v1=half', 'split cannot read "v1=half": write v1=90 for 90 percent.'],
  ['split feedback v1=50 v1=50', 'split names a version twice: name each once.'],
  [
    'pin feedback me v2',
    'The visitor is the value of the cookie "visitor": 8 to 64 letters, digits',
  ],
  ['list --lag', "Unknown option '--lag'"],
])('refuses %s with a sentence', (line, sentence) => {
  expect(() => parse(line)).toThrow(sentence);
});

it('has every command in its help', () => {
  for (const verb of [
    'list',
    'start',
    'compare',
    'split',
    'pin',
    'promote',
    'rollback',
    'retire',
  ]) {
    expect(help).toContain(`npm run versions -- ${verb}`);
  }
});
