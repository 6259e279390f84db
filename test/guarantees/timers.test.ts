import type { DataSource } from 'typeorm';
import { z } from 'zod';
import { stream } from '#contracts/contract';
import type { NewEvent } from '#contracts/contract';
import { LooksOfTimers1764300000000 } from '#log/looks-of-timers';
import { processor } from '#log/processor';
import { ProcessorWork } from '#log/processor-work';
import { rebuild } from '#log/rebuild';
import { States } from '#log/states';
import { stateTable } from '#log/tables';
import { recordOf } from '#testing/scenario';
import { ownDatabase, until } from '../log-harness.ts';

/* Timers as PostgreSQL finds them: by when they are looked at, which stays while they move later. */

const sleepers = stream('timed-sleepers', { key: 'id' });
const Stirred = sleepers.event(
  'Stirred',
  'Somebody moved.',
  { writer: 'test' },
  { id: z.string(), sleepsMs: z.int() },
);
const Woken = sleepers.event('Woken', 'Time was up.', { writer: 'test' }, { id: z.string() });
const nap = processor({
  name: 'test.nap',
  reads: [Stirred],
  appends: [Woken],
  state: z.object({ stirred: z.int(), wokenAt: z.int().nullable() }),
  initial: { stirred: 0, wokenAt: null },
  on: (state, { data, time }) => ({
    state: { ...state, stirred: state.stirred + 1 },
    wakeAt: data.sleepsMs === 0 ? null : time + data.sleepsMs,
  }),
  wake: (state, at, id) => ({ state: { ...state!, wokenAt: at }, append: [Woken({ id })] }),
});
const table = stateTable(nap);
const place = { topic: sleepers.name, partition: 0, cluster: '' };

let source: DataSource;
beforeEach(async () => (source = await ownDatabase([nap])));
afterEach(() => source.destroy());

/** Each event at its log time, after those that were read before. */
let offset = 0;
beforeEach(() => (offset = 0));
async function read(...events: [time: number, event: NewEvent][]): Promise<void> {
  const records = events.map(([timestamp, event]) =>
    recordOf(event, { offset: offset++, timestamp }),
  );
  await rebuild(source, new ProcessorWork(nap), place, records, 1000);
}

const stir = (id: string, sleepsMs: number) => Stirred({ id, sleepsMs });
const many = Array.from({ length: 2500 }, (_, i) => `s${String(i).padStart(4, '0')}`);

async function wokenAt(): Promise<Record<string, number | null>> {
  const rows: { key: string; state: string }[] = await source.query(
    `select key, state from ${table} order by key`,
  );
  return Object.fromEntries(rows.map(({ key, state }) => [key, JSON.parse(state).wokenAt]));
}

it('are not woken when they are looked at and were set anew, however many they are', async () => {
  await read(...many.map((id): [number, NewEvent] => [0, stir(id, 100)]));
  await read(...many.map((id): [number, NewEvent] => [50, stir(id, 100)]));
  await read([120, stir('other', 0)]);
  expect(Object.values(await wokenAt()).every((at) => at === null)).toBe(true);
  await read([160, stir('other', 0)]);
  const { other, ...woken } = await wokenAt();
  expect([other, ...new Set(Object.values(woken))]).toEqual([null, 150]);
  const outbox: { key: string }[] = await source.query(
    'select key from log_outbox order by lane, major, minor',
  );
  expect(outbox.map(({ key }) => key)).toEqual(many);
});

it('are woken in time when they are set to before they were to be looked at', async () => {
  await read([0, stir('a', 500)], [10, stir('a', 20)]);
  await read([31, stir('b', 0)]);
  expect(await wokenAt()).toEqual({ a: 30, b: null });
});

it('are written without an index while they move later', async () => {
  // Whoever analyzes a table of this database has a snapshot that keeps old rows, and a page that is full of them
  // takes no more. Autovacuum finds nothing to do in a database that has just been analyzed, catalogs and all.
  await source.query(`alter table ${table} set (autovacuum_enabled = off)`);
  await source.query('analyze');
  for (let time = 0; time < 20; time += 1) {
    await read(...many.slice(0, 20).map((id): [number, NewEvent] => [time, stir(id, 1000)]));
  }
  const updates = async (): Promise<{ all: number; hot: number }> => {
    await source.query('select pg_stat_force_next_flush()');
    const [row] = await source.query(
      `select n_tup_upd::int as all, n_tup_hot_upd::int as hot from pg_stat_user_tables
       where relname = '${table}'`,
    );
    return row;
  };
  await until('all updates are counted', async () => (await updates()).all >= 19 * 20);
  const { all, hot } = await updates();
  expect([all, hot]).toEqual([380, 380]);
});

it('are told exactly when somebody is due, and never too late otherwise', async () => {
  const states = new States(nap);
  const due = (now: number) => states.nextDue(source.manager, 0, now);
  expect(await due(1000)).toBeNull();
  await read([0, stir('a', 100)], [0, stir('b', 300)]);
  await read([50, stir('a', 150)]); // To be looked at at 100, due at 200.
  expect(await due(99)).toBe(100);
  expect(await due(150)).toBe(200);
  expect(await due(1000)).toBe(200);
  await read([60, stir('a', 0)]);
  expect(await due(150)).toBe(300);
});

it('are found by a database of before after its migration, which can be undone', async () => {
  const [migration, runner] = [new LooksOfTimers1764300000000(), source.createQueryRunner()];
  const columns = async () => {
    const rows: { name: string }[] = await source.query(
      `select attname as name from pg_attribute where attrelid = '${table}'::regclass and attnum > 0
       and not attisdropped order by attname`,
    );
    return rows.map(({ name }) => name);
  };
  await read([0, stir('a', 100)], [0, stir('b', 0)]);
  const now = await columns();
  await migration.down(runner);
  expect(await columns()).toEqual(['cause', 'hits', 'key', 'partition', 'state', 'wake_at']);
  for (const times of [1, 2]) {
    await migration.up(runner);
    expect([times, await columns()]).toEqual([times, now]);
  }
  await runner.release();
  await read([100, stir('b', 0)]);
  expect(await wokenAt()).toEqual({ a: 100, b: null });
});
