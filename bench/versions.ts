import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { topics } from '#contracts/all';
import { migrate } from '#log/database';
import { createTopics } from '#log/topics';
import { databases } from '../apps/feedback/src/database.ts';
import { appendFirstFacts } from '../tools/first-facts.ts';
import { readingBeside } from './beside.ts';
import type { Result } from './figures.ts';
import { fill } from './fill.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import type { Measures } from './serve.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import { serviceProcess } from './services.ts';
import { withSides } from './side.ts';
import type { StartSide } from './side.ts';

/** What a second version costs: how long it takes to catch up, and the first one meanwhile. */
export async function versions(run: Run): Promise<Result[]> {
  const peers = [
    { figure: 'catch-up', side: 'process-log' },
    { figure: 'catch-up-v1', side: 'process-v1' },
  ];
  const caughtUp = await readingBeside(run, 'process-v2', peers, 100_000);
  const answered = await withServers((servers) =>
    withSides((start) => besideCatchUp(start, servers, run)),
  );
  return [...caughtUp, answered];
}

/** Leavers a second: far from what v1 can do. */
const PER_SECOND = 25;

/** How soon v1 answers while v2 catches up, and while it does not. */
async function besideCatchUp(start: StartSide, servers: Servers, run: Run): Promise<Result> {
  const { brokers, databaseUrl } = servers;
  await createTopics(brokers, undefined, [...topics().values()]);
  await appendFirstFacts(brokers);
  await migrate(databaseUrl, databases.v1!);
  const filled = run.quick ? 60_000 : 200_000;
  await fill(start, brokers, filled, run);
  const feedback = (release: string) => {
    const env = { RELEASE: release, DATABASE_URL: databaseUrl };
    const how = { catchesUp: release === 'v2' };
    return serviceProcess(servers, `feedback-${release}`, 'services/feedback', env, run, how);
  };
  const [v1, v2] = [feedback('v1'), feedback('v2')];
  const offers = await start('offers', { brokers, perSecond: PER_SECOND });
  const database = new pg.Client(databaseUrl);
  await database.connect();
  try {
    await v1.start();
    await untilRead(database, 'public', filled);
    const count = PER_SECOND * (run.quick ? 2 : 6);
    const alone = () => offers.round({ count });
    const beside = async (): Promise<Measures> => {
      await database.query('drop schema if exists v2 cascade');
      await migrate(databaseUrl, databases.v2!);
      await v2.start();
      await untilRead(database, 'v2', 1);
      const measures = await offers.round({ count });
      const left = filled - (await readIn(database, 'v2'));
      await v2.stop();
      return { ...measures, left };
    };
    const measured = await rounds(run.quick ? 2 : 5, { beside, alone }, run);
    if (measured.beside.some(({ left }) => left! <= 0)) {
      run.say('v2 had caught up before the end of a round: the real ratio is higher.');
    }
    return resultOf('beside-p99', each(measured.beside, 'p99'), each(measured.alone, 'p99'));
  } finally {
    await database.end();
    await Promise.all([v1.stop(), v2.stop()]); // Killed, they would start again.
  }
}

async function untilRead(database: pg.Client, schema: string, count: number): Promise<void> {
  while ((await readIn(database, schema)) < count) await pause(20);
}

/** Records that the release with this schema has read. */
async function readIn(database: pg.Client, schema: string): Promise<number> {
  const { rows } = await database.query<{ n: string | null }>(
    `select sum(next_offset) as n from ${schema}.log_positions`,
  );
  return Number(rows[0]!.n);
}
