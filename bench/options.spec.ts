import { benches } from './figures.ts';
import { help, parseOptions } from './options.ts';

test('without names all of them run', () => {
  expect(parseOptions([])).toEqual({ chosen: benches, quick: false, profile: false, help: false });
});

test('a figure is measured by its bench, each bench once, in the order of the table', () => {
  const { chosen, quick } = parseOptions(['loop', 'read-nest', 'read', '--quick']);
  expect(chosen).toEqual(['read', 'loop']);
  expect(quick).toBe(true);
});

test('what there is not is said in a sentence', () => {
  expect(() => parseOptions(['reed'])).toThrow(
    `There is no benchmark "reed": choose from ${benches.join(', ')}.`,
  );
  expect(() => parseOptions(['--fast'])).toThrow(
    "Unknown option '--fast': npm run bench -- --help lists what there is.",
  );
});

test('the help names every bench', () => {
  for (const bench of benches) expect(help).toMatch(new RegExp(`^  ${bench} `, 'm'));
});
