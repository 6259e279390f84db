import pg from 'pg';
import { toRecord } from '#log/envelope';
import { ProcessorWork } from '#log/processor-work';
import type { Processor } from '#log/processor';
import { rebuild } from '#log/rebuild';
import { stateTable } from '#log/tables';
import { createDatabase } from '#testing/database';
import { abandonment } from '../../apps/feedback/src/v1.ts';
import { stockLevel } from '../../apps/inventory/src/stock-level.ts';
import { orderProcess } from '../../apps/ordering/src/order-process.ts';
import { coViews } from '../../apps/recommendations/src/co-views.ts';
import { ranking } from '../../apps/recommendations/src/ranking.ts';
import { processors as shopProcessors } from '../../apps/shop/src/processors.ts';
import type { RawEvent } from './checker/raw-log.ts';
import type { World } from './world.ts';

export const processors: readonly Processor[] = [
  abandonment,
  stockLevel,
  orderProcess,
  coViews,
  ranking,
  ...shopProcessors,
];

/** A transaction may be idle for 5 s at most, also on a machine that has other things to do. */
const BATCH = 250;
const MOST_NAMED = 3;

/**
 * Runs a processor over its topic from offset 0 in an empty database, and compares every state and
 * every output with those that the services made. The services must have stopped.
 */
export async function checkRebuild(
  world: Pick<World, 'adminUrl' | 'databaseOf'>,
  processor: Processor,
  log: readonly RawEvent[],
): Promise<string[]> {
  const live = await world.databaseOf(processor.service);
  const source = await createDatabase(world.adminUrl, `rebuilt_${stateTable(processor)}`, [
    processor,
  ]);
  try {
    const history = log.filter(({ topic }) => topic === processor.topic.name);
    for (const { partition, end } of await positions(live, processor)) {
      const at = { topic: processor.topic.name, partition, cluster: '' };
      const records = history.filter((r) => r.partition === partition && r.offset < end);
      await rebuild(
        source,
        new ProcessorWork(processor),
        at,
        records.map(({ raw }) => toRecord(raw)),
        BATCH,
      );
    }
    const select = `select * from ${stateTable(processor)} order by key`;
    const rows = [await source.query(select), (await live.query(select)).rows] as const;
    const outbox = 'select value from log_outbox';
    const made: { value: string }[] = await source.query(outbox);
    const waiting: { value: string }[] = (await live.query(outbox)).rows;
    const published = publishedBy(processor, log);
    const isOwn = (value: string) => value.includes(`"lane":"${processor.name}@`);
    return [
      ...differences(`${processor.name}: state`, byKey(rows[0]), byKey(rows[1])),
      ...differences(
        `${processor.name}: output`,
        byId(made.map(({ value }) => value)),
        byId([...published, ...waiting.map(({ value }) => value)].filter(isOwn)),
      ),
    ];
  } finally {
    await source.destroy();
    await live.end();
  }
}

async function positions(
  live: pg.Client,
  { name }: Processor,
): Promise<{ partition: number; end: number }[]> {
  const { rows } = await live.query(
    'select partition, next_offset from log_positions where group_name = $1',
    [name],
  );
  return rows.map(({ partition, next_offset }) => ({ partition, end: Number(next_offset) }));
}

function publishedBy(processor: Processor, log: readonly RawEvent[]): string[] {
  const topics = new Set([...processor.appends].map(({ topic }) => topic.name));
  topics.add(`${processor.topic.name}.bad`);
  return log.filter(({ topic }) => topics.has(topic)).map(({ value }) => value);
}

function byKey(rows: readonly Record<string, unknown>[]): Map<string, string> {
  return new Map(rows.map((row) => [`${row.key}`, JSON.stringify(row)]));
}

/** What readers make of an output: type, key, time and data. */
function byId(values: readonly string[]): Map<string, string> {
  return new Map(
    values.map((value) => {
      const { id, type, subject, time, data } = JSON.parse(value);
      return [id as string, JSON.stringify({ type, subject, time, data })];
    }),
  );
}

/** Names the first few of what is only in one of them, or not the same. */
function differences(
  what: string,
  rebuilt: Map<string, string>,
  live: Map<string, string>,
): string[] {
  const keys = [...new Set([...rebuilt.keys(), ...live.keys()])];
  const different = keys.filter((key) => rebuilt.get(key) !== live.get(key));
  const named = different.slice(0, MOST_NAMED).map((key) => {
    return `${what} ${key} is ${live.get(key) ?? 'not there'}, rebuilt ${rebuilt.get(key) ?? 'not there'}`;
  });
  const more = different.length - named.length;
  return more > 0 ? [...named, `${what}: ${more} more differ`] : named;
}
