import { setTimeout as pause } from 'node:timers/promises';
import type { Processor } from './processor.ts';
import type { Tailed } from './tail.ts';
import { Views } from './views.ts';

const view = { name: 'view', reads: new Map([['Said', {}]]) } as unknown as Processor;
const at = { group: 'view', topic: 'words', partition: 1 };
const landed = (offset: number, type = 'Said') =>
  ({ topic: 'words', partition: 1, record: { offset }, event: { type } }) as unknown as Tailed;

/** Views of a database where that is the next offset, or which does not answer. */
function viewsOf(next: () => number | Error, limitMs?: number) {
  const asked: unknown[] = [];
  const query = async (_: string, [places]: [string[]]) => {
    asked.push(...places);
    const found = next();
    if (found instanceof Error) throw found;
    return places.map((place) => ({ place, next_offset: String(found) }));
  };
  return { views: new Views({ query } as never, limitMs), asked };
}

it('waits for what is read elsewhere by asking the database', async () => {
  let next = 7;
  const { views, asked } = viewsOf(() => next);
  let has = false;
  const passing = views.passed(view, landed(7)).then(() => (has = true));
  while (asked.length < 2) await pause(1);
  expect(has).toBe(false);
  next = 8;
  await passing;
  expect(new Set(asked)).toEqual(new Set(['view/words/1']));
});

it('hears at once of what is read in this process', async () => {
  const { views, asked } = viewsOf(() => 0);
  let has = false;
  const passing = views.passed(view, landed(7)).then(() => (has = true));
  views.saved(at, 7);
  views.saved({ ...at, partition: 2 }, 8);
  await Promise.resolve();
  expect(has).toBe(false);
  views.saved(at, 8);
  await passing;
  await views.passed(view, landed(6));
  expect(asked).toEqual([]);
});

it('does not wait for what the view does not read', async () => {
  const { views, asked } = viewsOf(() => 0);
  await views.passed(view, landed(7, 'Sung'));
  expect(asked).toEqual([]);
});

it('waits on while the database does not answer', async () => {
  let next: number | Error = new Error('no connection');
  const { views, asked } = viewsOf(() => next);
  const passing = views.passed(view, landed(7));
  while (asked.length < 2) await pause(1);
  next = 8;
  await expect(passing).resolves.toBeUndefined();
});

it('waits no longer than its limit', async () => {
  const { views } = viewsOf(() => 7, 30);
  await expect(views.passed(view, landed(7))).resolves.toBeUndefined();
});

it('fails when the database does until the limit', async () => {
  const { views } = viewsOf(() => new Error('no connection'), 30);
  await expect(views.passed(view, landed(7))).rejects.toThrow('no connection');
});
