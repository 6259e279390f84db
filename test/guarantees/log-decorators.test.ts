import { randomUUID } from 'node:crypto';
import { Catch, Controller, Inject, UseFilters } from '@nestjs/common';
import type { ExceptionFilter, INestMicroservice } from '@nestjs/common';
import { Test } from '@nestjs/testing';
import { throwError } from 'rxjs';
import type { DataSource } from 'typeorm';
import { z } from 'zod';
import type { LogEvent } from '#contracts/contract';
import { On, OnBatch, RecordRefusedError } from '#log/on';
import type { LogContext } from '#log/on';
import { LogStrategy, RethrowFilter } from '#log/strategy';
import { append, ownDatabase, ownTopic, readAll, surroundings, until } from '../log-harness.ts';

/* Decorated methods of a Nest controller, with injection and filters, on a real log and database. */

/** As any Nest filter: a domain error becomes what the transport knows. */
@Catch(RangeError)
class RefuseOutOfRange implements ExceptionFilter {
  catch(error: RangeError) {
    return throwError(() => new RecordRefusedError(error.message));
  }
}

type Counted = LogEvent<string, { id: string; n: number }>;

let app: INestMicroservice | undefined;
let source: DataSource;
afterEach(async () => {
  await app?.close();
  await source?.destroy();
});

async function counting() {
  const topic = await ownTopic();
  const shape = { id: z.string(), n: z.number() };
  const Counted = topic.event('Counted', 'A number came.', { writer: 'test' }, shape);
  const Doubled = topic.event('Doubled', 'Its double.', { writer: 'test' }, shape);
  source = await ownDatabase([]);
  await source.query('create table numbers (seen_by text, n int)');
  return { topic, Counted, Doubled };
}

async function listen(controller: new (factor: number) => object): Promise<void> {
  const providers = [{ provide: 'factor', useValue: 2 }];
  const module = await Test.createTestingModule({ controllers: [controller], providers }).compile();
  const strategy = new LogStrategy([], await surroundings(source));
  app = module.createNestMicroservice({ strategy, logger: false });
  app.useGlobalFilters(new RethrowFilter());
  await app.listen();
}

const group = () => `test.decorated-${randomUUID().slice(0, 8)}`;

it('hands events to @On methods, with what was injected; a filter may refuse', async () => {
  const { topic, Counted, Doubled } = await counting();
  const name = group();

  @Controller()
  @UseFilters(RefuseOutOfRange)
  class Doubler {
    constructor(@Inject('factor') private readonly factor: number) {}

    @On(name, Counted)
    async double({ data: { id, n } }: Counted, log: LogContext) {
      await log.tx.query(`insert into numbers values ('counted', $1)`, [n]);
      log.append(Doubled({ id, n: n * this.factor }));
      if (n > 5) throw new RangeError(`${n} is more than 5`);
    }

    @On(name, Doubled)
    async check({ data: { n } }: Counted, log: LogContext) {
      await log.tx.query(`insert into numbers values ('doubled', $1)`, [n]);
    }
  }
  await listen(Doubler);
  await append(
    'test',
    [1, 2, 9].map((n) => Counted({ id: 'x', n })),
  );
  await until('both doubles', async () => {
    const rows = await source.query(`select n from numbers where seen_by = 'doubled'`);
    return rows.length === 2;
  });
  const rows: object[] = await source.query('select seen_by, n from numbers order by seen_by, n');
  expect(rows).toEqual([
    { seen_by: 'counted', n: 1 },
    { seen_by: 'counted', n: 2 },
    { seen_by: 'doubled', n: 2 },
    { seen_by: 'doubled', n: 4 },
  ]);
  const [bad] = await readAll(`${topic.name}.bad`);
  expect(JSON.parse(bad!.value!.toString()).data).toMatchObject({
    group: name,
    reason: '9 is more than 5',
  });
});

it('hands whole batches to an @OnBatch method, which is tried again when it fails', async () => {
  const { topic, Counted } = await counting();
  const name = group();
  let failures = 1;

  @Controller()
  class Sink {
    @OnBatch(name, [topic])
    async keep(events: readonly Counted[], log: LogContext) {
      for (const { data } of events) {
        await log.tx.query(`insert into numbers values ('batch', $1)`, [data.n]);
      }
      if (failures-- > 0) throw new Error('not now');
    }
  }
  await append(
    'test',
    [1, 2, 3].map((n) => Counted({ id: 'x', n })),
  );
  await listen(Sink);
  const numbers = await until('all three', async () => {
    const rows: { n: number }[] = await source.query('select n from numbers order by n');
    return rows.length > 0 && rows.map(({ n }) => n);
  });
  expect(numbers).toEqual([1, 2, 3]);
  expect(failures).toBeLessThan(0);
});
