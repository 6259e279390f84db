import { randomUUID } from 'node:crypto';
import { Client } from 'pg';
import { ensureDatabases } from '../../tools/start/databases.ts';

/* Each service's role on a real PostgreSQL: its own database, and no other. */
const adminUrl = process.env['TEST_DATABASE_URL']!;

it('lets a role into its own database only', async () => {
  const names = ['one', 'two'].map((name) => `${name}_${randomUUID().slice(0, 8)}`);
  const [one = '', two = ''] = names;
  const secretOf = (name: string) => `secret of ${name}`;
  const { urls } = await ensureDatabases(adminUrl, names, secretOf, { ownServer: true });
  const own = new Client({ connectionString: urls[one] });
  await own.connect();
  const { rows } = await own.query('select current_user as role, current_database() as name');
  await own.query('create table mine ()');
  await own.end();
  expect(rows).toEqual([{ role: one, name: one }]);

  const elsewhere = new URL(urls[one]!);
  for (const database of [two, 'postgres']) {
    elsewhere.pathname = `/${database}`;
    await expect(connect(elsewhere.href)).rejects.toMatchObject({ code: '42501' });
  }
});

async function connect(connectionString: string): Promise<void> {
  const client = new Client({ connectionString });
  await client.connect();
  await client.end();
}
