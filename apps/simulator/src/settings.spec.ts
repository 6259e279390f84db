import { usualMix } from './personas.ts';
import { Settings } from './settings.ts';

const fault = (given: unknown) => {
  const { path, message } = Settings.safeParse(given).error!.issues[0]!;
  return `${path.join('.')} ${message}`;
};

test('what is left out stays, so that a rate alone will do', () => {
  expect(Settings.parse({ sessionsPerSecond: 500 })).toEqual({ sessionsPerSecond: 500 });
  expect(Settings.parse({ mix: usualMix })).toEqual({ mix: usualMix });
});

test.each([
  [{ sessionsPerSecond: -1 }, 'sessionsPerSecond must be at least 0'],
  [{ sessionsPerSecond: 501 }, 'sessionsPerSecond must be at most 500'],
  [{ sessionsPerSecond: '2' }, 'sessionsPerSecond must be a number'],
  [{ mix: { ...usualMix, bot: -1 } }, 'mix.bot must be at least 0'],
  [
    { mix: Object.fromEntries(Object.keys(usualMix).map((name) => [name, 0])) },
    'mix must have a weight above 0 for somebody',
  ],
  [{ mix: { ...usualMix, thief: 1 } }, 'mix Unrecognized key: "thief"'],
])('%j is refused with the field: %s', (given, sentence) => {
  expect(fault(given)).toBe(sentence);
});
