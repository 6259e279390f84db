import { Agenda } from './agenda.ts';

test('things happen at their time, and at the same time in the order they were put down', () => {
  const agenda = new Agenda(100);
  const happened: string[] = [];
  const note = (what: string) => () => void happened.push(`${what} at ${agenda.now}`);
  for (const at of [170, 130, 190, 110, 150]) agenda.at(at, note('one'));
  agenda.at(130, note('two'));
  agenda.at(50, note('late'));
  agenda.at(119.2, note('rounded up'));
  agenda.at(130, () => agenda.at(130, note('three')));
  agenda.run(150);
  expect(happened).toEqual([
    'late at 100',
    'one at 110',
    'rounded up at 120',
    'one at 130',
    'two at 130',
    'three at 130',
    'one at 150',
  ]);
  expect(agenda.now).toBe(150);
  agenda.run(1_000);
  expect(happened.slice(7)).toEqual(['one at 170', 'one at 190']);
});

test('what is called off does not happen', () => {
  const agenda = new Agenda(0);
  let happened = false;
  const callOff = agenda.at(10, () => (happened = true));
  callOff();
  agenda.run(20);
  expect(happened).toBe(false);
});
