import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Server, Socket } from 'node:net';
import { DataSource } from 'typeorm';
import { dataSourceOptions } from '#log/database';
import { last } from '#log/pipelined';
import { together } from '#log/together';
import { Transactions } from '#log/transactions';
import { ownDatabase, ownOfEachTest, ownTopic, readAll, surroundings } from '../log-harness.ts';
import { toy } from './tally.ts';

/* A transaction asks the server in fewer rounds, and is one all the same. */
const put = (id: number) => `insert into things values (${id})`;
let direct: DataSource;
let source: DataSource;
let line: { server: Server; rounds: number; sockets: Socket[] };

beforeAll(async () => {
  direct = await ownDatabase([]);
  const { url } = direct.options as { url: string };
  await direct.query('create table things (id int primary key)');
  line = { server: createServer(), rounds: 0, sockets: [] };
  const { port } = new URL(url);
  line.server.on('connection', (client) => {
    const server = connect(Number(port), '127.0.0.1');
    client.on('data', () => (line.rounds += 1));
    client.pipe(server).pipe(client);
    for (const end of [client, server]) end.on('error', () => undefined);
    line.sockets.push(client, server);
  });
  await once(line.server.listen(0, '127.0.0.1'), 'listening');
  const through = new URL(url);
  through.port = `${(line.server.address() as AddressInfo).port}`;
  const database = { name: 'test', entities: [], migrations: [] };
  source = await new DataSource(dataSourceOptions(through.href, database)).initialize();
});
beforeEach(() => source.query('truncate things'));
afterAll(async () => {
  await source.destroy();
  await direct.destroy();
  for (const socket of line.sockets) socket.destroy();
  line.server.close();
});

const ids = async () => {
  const rows: { id: number }[] = await source.query('select id from things order by id');
  return rows.map(({ id }) => id);
};

it('begins with the first statement and commits with the last, a round each', async () => {
  line.rounds = 0;
  await source.transaction(async (tx) => {
    await tx.query(put(1));
    await tx.query(put(2));
    await tx.query(last(put(3)));
  });
  expect(line.rounds).toBe(3);
  expect(await ids()).toEqual([1, 2, 3]);
});

it('asks in one round what is asked together', async () => {
  line.rounds = 0;
  await source.transaction((tx) => Promise.all([tx.query(put(1)), tx.query(last(put(2)))]));
  expect(line.rounds).toBe(1);
  expect(await ids()).toEqual([1, 2]);
});

it.each([
  ['a statement in the middle', (id: number) => put(id)],
  ['the last', (id: number) => last(put(id))],
])('keeps nothing when the server refuses %s, and goes on afterwards', async (_, second) => {
  const refused = source.transaction(async (tx) => {
    await tx.query(put(1));
    await tx.query(second(1));
  });
  await expect(refused).rejects.toMatchObject({ code: '23505' });
  expect(await ids()).toEqual([]);
});

it('says of statements that were asked together why the first was refused', async () => {
  for (const round of [1, 2]) {
    const refused = source.transaction(async (tx) => {
      const first = tx.query('insert into things values ($1 / 0)', [round]);
      await together([first, tx.query(last('insert into things values ($1)'), [round])]);
    });
    await expect(refused).rejects.toMatchObject({ code: '22012' });
  }
  expect(await ids()).toEqual([]);
});

it('keeps nothing when the work fails, before the first statement or after', async () => {
  const nothing = source.transaction(() => Promise.reject(new Error('before')));
  await expect(nothing).rejects.toThrow('before');
  const something = source.transaction(async (tx) => {
    await tx.query(put(1));
    throw new Error('after');
  });
  await expect(something).rejects.toThrow('after');
  expect(await ids()).toEqual([]);
});

it('is nothing when nothing is asked', async () => {
  line.rounds = 0;
  await source.transaction(async () => undefined);
  expect(line.rounds).toBe(0);
});

it('asks nothing after the last statement', async () => {
  const late = source.transaction(async (tx) => {
    await tx.query(last(put(1)));
    await tx.query(put(2));
  });
  await expect(late).rejects.toThrow('This transaction has had its last statement.');
  expect(await ids()).toEqual([1]);
});

describe('a transaction that appends', () => {
  const { stops } = ownOfEachTest();
  const setUp = async () => {
    const topic = await ownTopic();
    const { Added } = toy(topic);
    const { relay, producer } = await surroundings(direct);
    const transactions = new Transactions('test', source, relay);
    await transactions.run(async () => undefined); // It has asked for the lanes' name now.
    stops.push(async () => {
      await relay.stop();
      await producer.close();
    });
    /** Once all that was committed is published. */
    const published = async () => {
      await relay.stop();
      return (await readAll(topic.name)).map(({ key }) => key!.toString()).toSorted();
    };
    return { Added, transactions, published };
  };

  it('sends what it writes with the question for the sequences, and commits with the events', async () => {
    const { Added, transactions, published } = await setUp();
    line.rounds = 0;
    const answer = await transactions.run(async ({ append, write }) => {
      write('insert into things values ($1)', [1]);
      append(Added({ id: 'a', n: 1 }), Added({ id: 'b', n: 2 }));
      write('update things set id = $1', [2]);
      return 'done';
    });
    expect([answer, line.rounds]).toEqual(['done', 2]);
    expect(await ids()).toEqual([2]);
    expect(await published()).toEqual(['a', 'b']);
  });

  it('writes without an event too', async () => {
    const { transactions } = await setUp();
    await transactions.run(async ({ write }) => write('insert into things values ($1)', [1]));
    expect(await ids()).toEqual([1]);
  });

  it('keeps neither rows nor events when one of its writes is refused, and says why', async () => {
    const { Added, transactions, published } = await setUp();
    const refused = transactions.run(async ({ append, write }) => {
      append(Added({ id: 'a', n: 1 }));
      write('insert into things values ($1)', [1]);
      write('insert into things values ($1)', [1]);
    });
    await expect(refused).rejects.toMatchObject({ code: '23505' });
    expect(await ids()).toEqual([]);
    await transactions.run(async ({ append }) => append(Added({ id: 'b', n: 1 })));
    expect(await published()).toEqual(['b']);
  });
});
