import { services } from '../../manifest.ts';
import { parseOptions } from './options.ts';
import { instancesOf } from './plan.ts';

const parse = (...argv: string[]) => parseOptions(['start', ...argv], services);
const started = (...argv: string[]) =>
  instancesOf(parse(...argv), services).map(({ name }) => name);

test('nothing said: every service once, shoppers included', () => {
  expect(started()).toEqual(services.map(({ name }) => `${name}-1`));
});

test('--no-shoppers leaves out the simulator', () => {
  expect(started('--no-shoppers')).not.toContain('simulator-1');
});

test.each([[['--only', 'shop,feedback']], [['--only=shop,feedback']]])(
  '%j starts only those',
  (argv) => {
    expect(started(...argv)).toEqual(['shop-1', 'feedback-1']);
  },
);

test('--replicas starts more than one, the first of them on the known port', () => {
  const instances = instancesOf(parse('--replicas', 'shop=2', '--only', 'shop'), services);
  expect(instances.map(({ name, first }) => [name, first])).toEqual([
    ['shop-1', true],
    ['shop-2', false],
  ]);
});

test('--replicas twice adds up', () => {
  const argv = ['--replicas', 'shop=2,feedback=3', '--replicas=ordering=2'];
  expect(parse(...argv).replicas).toEqual({ shop: 2, feedback: 3, ordering: 2 });
});

test('--truth takes a file', () => {
  expect(parse().truth).toBeNull();
  expect(parse('--truth', 'a.jsonl').truth).toBe('a.jsonl');
});

test('dev, fresh, stats and help', () => {
  expect(parseOptions(['dev'], services).mode).toBe('dev');
  const all = parse('--fresh', '--stats', '--help');
  expect(all).toMatchObject({ mode: 'start', fresh: true, stats: true, help: true });
});

test.each([
  [['--frsh'], 'There is no option --frsh: npm start -- --help lists what there is.'],
  [['shop'], 'There is no option shop: npm start -- --help lists what there is.'],
  [['--only', 'shoop'], 'There is no service "shoop": choose from collector, shop, '],
  [['--only'], '--only needs names of services, as in --only shop,feedback.'],
  [['--truth', '--fresh'], '--truth needs the name of a file, as in --truth truth.jsonl.'],
  [['--replicas', 'feedbak=2'], 'There is no service "feedbak"'],
  [['--replicas', 'feedback'], '--replicas feedback needs a number from 1 to 6'],
  [['--replicas', 'feedback=7'], '--replicas feedback needs a number from 1 to 6'],
  [['--replicas', 'feedback=-1'], '--replicas feedback needs a number from 1 to 6'],
  [['--replicas', 'simulator=2'], 'simulator runs once only: leave it out of --replicas.'],
])('%j is answered with a sentence', (argv, sentence) => {
  expect(() => parse(...argv)).toThrow(sentence);
});
