import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { importLanes } from '#log/import-states';
import type { Security } from '#log/security';
import { incarnationOf } from '#log/transactions';
import type { Mix } from '../../apps/simulator/src/personas.ts';
import { Aftermath, halves } from './aftermath.ts';
import { VirtualCrowd } from './crowd.ts';
import { Databases } from './databases.ts';
import { Importer } from './importer.ts';
import { Retailer } from './retailer.ts';

const HOUR_MS = 60 * 60_000;
const ROWS_AT_ONCE = 5_000;

export interface Past {
  readonly seed: string;
  /** ms since 1970. */
  readonly from: number;
  readonly until: number;
  readonly sessionsPerDay: number;
  readonly mix: Mix;
  /** Where the hidden truth about each visit goes; null for nowhere. */
  readonly truthFile: string | null;
}

export interface Target {
  readonly brokers: string[];
  readonly security?: Security;
  /** Address of each service's database, its tables made and empty. */
  readonly urls: Readonly<Record<string, string>>;
}

export interface Written {
  readonly events: number;
  readonly sessions: number;
}

/**
 * Writes a past onto an empty log, and lets every service stand at its end as if it had lived it.
 * `progress` is told virtual time (ms) and the events so far. Throws a sentence when the log or a
 * database knows something already.
 */
export async function writeHistory(
  past: Past,
  target: Target,
  progress: (at: number, events: number) => void,
): Promise<Written> {
  const databases = await Databases.open(target.urls);
  const importer = new Importer(target);
  try {
    await databases.refuseUsed();
    await importer.open();
    const truth = past.truthFile === null ? null : createWriteStream(past.truthFile);
    const shopLanes = `shop:${await incarnationOf(databases.of('shop'))}`;
    const { seed, from, until, mix, sessionsPerDay } = past;
    const retailer = new Retailer({ seed, from, shopLanes });
    const aftermath = new Aftermath(halves[0]);
    let sessions = 0;
    const ended = (visit: object) => {
      sessions += 1;
      truth?.write(`${JSON.stringify(visit)}\n`);
    };
    new VirtualCrowd(retailer, { seed, mix, sessionsPerDay, ended });

    for (let at = from; at < until; progress(at, importer.events)) {
      at = Math.min(until, at + HOUR_MS);
      const records = retailer.pass(at);
      if (at === until) records.push(...retailer.finish());
      await importer.send([...records, ...aftermath.follow(records)]);
    }
    await importer.close();
    await databases.setStates(aftermath.readers, importer.cluster);
    await setStates(retailer, databases, importer.cluster);
    if (truth) await finished(truth.end());
    return { events: importer.events, sessions };
  } finally {
    await importer.end();
    await databases.close();
  }
}

async function setStates(retailer: Retailer, databases: Databases, cluster: string): Promise<void> {
  await databases.setStates(retailer.readers, cluster);
  const shop = databases.of('shop');
  const { carts, orders, lanes } = retailer.shop;
  await importLanes(shop, lanes);
  await inParts([...carts], (rows) =>
    shop.query('insert into shop_carts select * from unnest($1::text[], $2::text[])', [
      rows.map(([visitorId]) => visitorId),
      rows.map(([, cart]) => JSON.stringify(cart)),
    ]),
  );
  await inParts([...orders], (rows) =>
    shop.query('insert into shop_submitted_orders select * from unnest($1::text[], $2::text[])', [
      rows.map(([orderId]) => orderId),
      rows.map(([, visitorId]) => visitorId),
    ]),
  );
}

async function inParts<T>(rows: readonly T[], write: (part: readonly T[]) => Promise<unknown>) {
  for (let from = 0; from < rows.length; from += ROWS_AT_ONCE) {
    await write(rows.slice(from, from + ROWS_AT_ONCE));
  }
}
