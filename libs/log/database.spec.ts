import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import pg from 'pg';
import { QueryFailedError, QueryRunnerAlreadyReleasedError } from 'typeorm';
import { isDatabaseAway } from './database.ts';

const failed = (driver: object) =>
  new QueryFailedError('select 1', [], Object.assign(new Error('said by PostgreSQL'), driver));

test.each([
  ['ended by the operator', failed({ code: '57P01' })],
  ['starting up', failed({ code: '57P03' })],
  ['a connection failure', failed({ code: '08006' })],
  ['too many connections', failed({ code: '53300' })],
  [
    'the end of a connection',
    new QueryFailedError('select 1', [], new Error('Connection terminated unexpectedly')),
  ],
  ['the end of a transaction', new QueryRunnerAlreadyReleasedError()],
])('%s: it is away', (_, error) => {
  expect(isDatabaseAway(error)).toBe(true);
});

test.each([
  ['a value that is there already', failed({ code: '23505' })],
  ['a table that is not there', failed({ code: '42P01' })],
  ['a mistake of ours', new TypeError('undefined is not a function')],
  ['no error', undefined],
])('%s: it answers, or has no part in it', (_, error) => {
  expect(isDatabaseAway(error)).toBe(false);
});

test('the words of pg itself, when nobody listens and when the line is cut', async () => {
  const nobody = new pg.Client('postgres://127.0.0.1:1/none');
  expect(isDatabaseAway(await nobody.connect().catch((error: unknown) => error))).toBe(true);
  const cutting = createServer((socket) => socket.destroy()).listen(0, '127.0.0.1');
  await new Promise((resolve) => cutting.once('listening', resolve));
  const { port } = cutting.address() as AddressInfo;
  const cut = new pg.Client(`postgres://127.0.0.1:${port}/none`);
  expect(isDatabaseAway(await cut.connect().catch((error: unknown) => error))).toBe(true);
  cutting.close();
});
