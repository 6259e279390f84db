import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { ownDatabase } from '../log-harness.ts';

/* What PostgreSQL is asked again and again, it has to plan once. */
let source: DataSource;
beforeAll(async () => {
  source = await ownDatabase([]);
  await source.query('create table things (id int primary key, name text)');
});
afterAll(() => source.destroy());

it('prepares a statement once for all its values', async () => {
  const marked = `select ($1::int + 1) as next -- ${randomUUID()}`;
  await source.transaction(async (tx) => {
    for (const n of [1, 2, 3]) expect(await tx.query(marked, [n])).toEqual([{ next: n + 1 }]);
    const prepared: { n: string }[] = await tx.query(
      'select generic_plans + custom_plans as n from pg_prepared_statements where statement = $1',
      [marked],
    );
    expect(prepared).toEqual([{ n: '3' }]);
  });
});

it('goes on after the table has been altered', async () => {
  const read = () => source.query('select * from things where id = $1', [1]);
  await source.query('insert into things values ($1, $2)', [1, 'tea']);
  expect(await read()).toEqual([{ id: 1, name: 'tea' }]);
  await source.query('alter table things add column price int');
  await expect(read()).rejects.toThrow('cached plan must not change result type');
  expect(await read()).toEqual([{ id: 1, name: 'tea', price: null }]);
});
