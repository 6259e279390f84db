import { KeptStates } from './kept-states.ts';

const kept = (state: unknown) => ({ state, wakeAt: null, lookAt: null, hits: null, cause: null });

it('keeps what was written last, and forgets the oldest when it is full', () => {
  const states = new KeptStates(1300); // Room for three: 300 + 4 x 25 bytes each.
  for (const key of ['a', 'b', 'c']) states.set(key, kept(key), 25);
  states.set('a', kept('again'), 25);
  states.set('d', kept('d'), 25);
  expect(['a', 'b', 'c', 'd'].filter((key) => states.has(key))).toEqual(['a', 'c', 'd']);
  expect(states.get('a')!.state).toBe('again');
});

it('makes room by what is deleted', () => {
  const states = new KeptStates(900);
  states.set('a', kept('a'), 25);
  states.set('b', kept('b'), 25);
  states.delete('a');
  states.delete('never there');
  states.set('c', kept('c'), 25);
  expect(['a', 'b', 'c'].filter((key) => states.has(key))).toEqual(['b', 'c']);
  states.clear();
  states.set('d', kept('d'), 25);
  expect(['b', 'c', 'd'].filter((key) => states.has(key))).toEqual(['d']);
});

it('keeps nothing that does not fit at all', () => {
  const states = new KeptStates(0);
  states.set('a', kept('a'), 1);
  expect(states.get('a')).toBeUndefined();
});

it('parses what all share when it is another text, or when a fold failed', () => {
  const states = new KeptStates(0);
  let parsed = 0;
  const shared = (text: string) => states.shared(text, () => `${text} ${(parsed += 1)}`);
  expect(['cold', 'cold', 'hot', 'cold'].map(shared)).toEqual([
    'cold 1',
    'cold 1',
    'hot 2',
    'cold 3',
  ]);
  states.clear();
  expect(shared('cold')).toBe('cold 4');
});
