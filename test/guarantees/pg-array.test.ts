import { Client } from 'pg';
import { PgArray } from '#log/pg-array';

/* What PostgreSQL reads from our binary arrays. */
const client = new Client({ connectionString: process.env['TEST_DATABASE_URL']! });
beforeAll(() => client.connect());
afterAll(() => client.end());

async function read(type: string, array: PgArray): Promise<unknown[]> {
  const { rows } = await client.query(`select unnest($1::${type}[])::text as value`, [array]);
  return rows.map(({ value }: { value: string | null }) => value);
}

it('reads texts as they are, whatever is in them', async () => {
  const texts = ['', 'NULL', '{"a":"b\\c"}', 'Tee für 2 €', '🫖', ' {,} ', null];
  expect(await read('text', PgArray.text(texts))).toEqual(texts);
  expect(await read('text', PgArray.text([]))).toEqual([]);
});

it('reads numbers up to what a double holds exactly', async () => {
  const numbers = [0, 1, -1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, Number.MAX_SAFE_INTEGER];
  const all = [...numbers, Number.MIN_SAFE_INTEGER];
  expect(await read('bigint', PgArray.bigint([...all, null]))).toEqual([...all.map(String), null]);
  expect(await read('int', PgArray.int([0, -1, 2 ** 31 - 1]))).toEqual(['0', '-1', '2147483647']);
});

it('refuses what is no whole number', async () => {
  await expect(read('bigint', PgArray.bigint([1.5]))).rejects.toThrow('1.5 is not a whole number');
});
