import { randomUUID } from 'node:crypto';
import { DataSource } from 'typeorm';
import { z } from 'zod';
import { dataSourceOptions } from '#log/database';
import { processor } from '#log/processor';
import { freePort } from '../../tools/start/ports.ts';
import { postgresUser, Proxy } from '../../tools/chaos/proxy.ts';
import {
  append,
  isAtEnd,
  ownDatabase,
  ownTopic,
  runProcessors,
  statesOf,
  surroundings,
  until,
} from '../log-harness.ts';

it('goes on when the connections to its database fall silent and nobody ends them', async () => {
  const topic = await ownTopic();
  const Added = topic.event(
    'Added',
    'A number came.',
    { writer: 'test' },
    { id: z.string(), n: z.number() },
  );
  const tally = processor({
    name: `test.silence-${randomUUID().slice(0, 8)}`,
    reads: [Added],
    state: z.object({ sum: z.number() }),
    initial: { sum: 0 },
    on: ({ sum }, { data: { n } }) => ({ state: { sum: sum + n } }),
  });
  const direct = await ownDatabase([tally]);
  const url = new URL((direct.options as { url: string }).url);
  const { username } = url;
  const port = await freePort();
  const proxy = await Proxy.open(port, Number(url.port), postgresUser);
  url.port = `${port}`;
  const database = { name: 'test', entities: [], migrations: [] };
  const source = await new DataSource(dataSourceOptions(url.href, database)).initialize();
  const stop = await runProcessors(await surroundings(source), [tally]);
  try {
    await append('test', [Added({ id: 'a', n: 1 })]);
    await until('the first is added', () => isAtEnd(direct, tally.name, topic.name));
    proxy.set(username, 'half-open');
    await append('test', [Added({ id: 'a', n: 2 })]);
    await until('something is lost', async () => proxy.dead > 0);
    proxy.set(username, 'whole');
    await until('the second is added', () => isAtEnd(direct, tally.name, topic.name));
    expect(await statesOf(direct, tally)).toEqual(new Map([['a', { sum: 3 }]]));
  } finally {
    await stop();
    await source.destroy();
    await direct.destroy();
    proxy.close();
  }
});
