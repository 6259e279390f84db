import { chmodSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import pg from 'pg';
import { services } from '../../manifest.ts';
import { defaultJarsDir } from '../kafka/broker.ts';
import { startGuard } from '../start/guard.ts';
import { parseOptions } from '../start/options.ts';
import { instancesOf } from '../start/plan.ts';
import { freePorts } from '../start/ports.ts';
import { step } from '../start/progress.ts';
import { readSettings } from '../start/settings.ts';
import type { Settings } from '../start/settings.ts';
import { System } from '../start/system.ts';
import { restore, saveDatabases, saveLog } from './copies.ts';
import { buy, expectConfirmed, untilSo } from './customers.ts';

/** Rebuilt from the log, when its database is lost. */
const LOST = 'inventory';

/**
 * `npm run backup -- rehearse`: a system of its own sells, is saved, sells on, is lost and put back.
 * Throws a sentence about what is not as it was.
 */
export async function rehearse(): Promise<void> {
  const dir = mkdtempSync(join(tmpdir(), 'streamside-rehearsal-'));
  const backup = `${dir}-backup`;
  chmodSync(dir, 0o711); // Under root PostgreSQL runs as another user, who has to pass here.
  symlinkSync(resolve(defaultJarsDir()), join(dir, 'kafka-libs'));
  const guard = startGuard(dir);
  try {
    await act(await settingsFor(dir), backup);
    console.log(
      '\nAll is well: what was sold before the log was saved is there, and selling goes on.',
    );
  } finally {
    await guard.dismiss();
    for (const each of [dir, backup]) rmSync(each, { recursive: true, force: true });
  }
}

async function act(settings: Settings, backup: string): Promise<void> {
  const { dir } = settings;
  const shop = `http://localhost:${settings.servicePorts.shop}`;
  const during = <T>(work: (system: System) => Promise<T>) => whileRunning(settings, work);

  await during(() => buy(shop, 'early-bird'));
  await step('save databases', () => saveDatabases(dir, backup));
  await during(() => buy(shop, 'late-comer')); // On the log that is saved, in no database that is.
  await step('save log', () => saveLog(dir, backup));
  await during(() => buy(shop, 'unlucky-one'));
  for (const each of ['kafka', 'postgres', 'secrets.json']) {
    rmSync(join(dir, each), { recursive: true });
  }
  await step('restore', () => restore(dir, backup));

  const stock = await during(async (system) => {
    for (const visitor of ['early-bird', 'late-comer']) await expectConfirmed(shop, visitor, 1);
    await expectConfirmed(shop, 'unlucky-one', 0);
    // Who was there before buys on, and these events are not taken for old ones.
    for (const visitor of ['early-bird', 'late-comer', 'unlucky-one']) await buy(shop, visitor);
    await system.stopServices();
    const left = await stockIn(system);
    await dropDatabase(settings);
    return left;
  });
  await during(async (system) => {
    await untilSo(`the stock is rebuilt`, async () =>
      isDeepStrictEqual(await stockIn(system), stock),
    );
    for (const visitor of ['early-bird', 'late-comer']) await expectConfirmed(shop, visitor, 2);
    await buy(shop, 'early-bird');
  });
}

async function whileRunning<T>(
  settings: Settings,
  work: (system: System) => Promise<T>,
): Promise<T> {
  const options = parseOptions(['start', '--no-shoppers'], services);
  const system = new System(settings, instancesOf(options, services), console.log);
  try {
    await system.start();
    return await work(system);
  } finally {
    await system.stop();
  }
}

async function settingsFor(dir: string): Promise<Settings> {
  const [shop, collector, kafka, postgres] = await freePorts(4);
  const env = {
    STREAMSIDE_DIR: dir,
    SHOP_PORT: `${shop}`,
    COLLECTOR_PORT: `${collector}`,
    KAFKA_PORT: `${kafka}`,
    POSTGRES_PORT: `${postgres}`,
  };
  return readSettings(env, services);
}

/** What is on the shelves; reservations change by themselves, as orders are shipped. */
function stockIn({ urls }: System): Promise<object[]> {
  const onHand =
    "select key, state::json->>'onHand' as on_hand from inventory_stock_level order by key";
  return query(urls[LOST]!, onHand);
}

async function dropDatabase({ dir, postgresPort }: Settings): Promise<void> {
  const password = readFileSync(join(dir, 'postgres', 'password'), 'utf8').trim();
  const url = `postgres://postgres:${password}@127.0.0.1:${postgresPort}/postgres`;
  await query(url, `drop database ${LOST} with (force)`);
}

async function query(url: string, sql: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}
