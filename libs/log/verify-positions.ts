import type { Admin } from 'kafkajs';
import type { Topic } from '#contracts/contract';
import type { Surroundings } from './delivery.ts';
import type { Work } from './work.ts';

/** Where each partition begins and ends, by topic name; offsets are decimal. */
export type Watermarks = ReadonlyMap<
  string,
  readonly { partition: number; low: string; high: string }[]
>;

/** Asks for them once, for everybody who starts. */
export async function watermarksOf(admin: Admin, topics: Iterable<Topic>): Promise<Watermarks> {
  const names = [...new Set([...topics].map(({ name }) => name))];
  const found = await Promise.all(names.map((name) => admin.fetchTopicOffsets(name)));
  return new Map(names.map((name, i) => [name, found[i]!]));
}

/**
 * Throws, with a sentence, when a saved position does not belong to this log. Returns where the log
 * ends. Positions are read first: another replica that goes on meanwhile is then behind that end.
 */
export async function verifyPositions(
  admin: Admin,
  works: readonly Work[],
  { dataSource, cluster }: Pick<Surroundings, 'dataSource' | 'cluster'>,
): Promise<Watermarks> {
  const positions: SavedPosition[] = await dataSource.query(
    'select * from log_positions where group_name = any($1)',
    [works.map(({ group }) => group)],
  );
  const watermarks = await watermarksOf(admin, new Set(works.flatMap(({ topics }) => topics)));
  for (const work of works) {
    const own = positions.filter((row) => row.group_name === work.group);
    refuseForeign(work, own, watermarks, cluster);
  }
  return watermarks;
}

interface SavedPosition {
  group_name: string;
  topic: string;
  partition: number;
  cluster: string;
  next_offset: string;
}

function refuseForeign(
  { group, topics }: Work,
  positions: readonly SavedPosition[],
  watermarks: Watermarks,
  cluster: string,
): void {
  const elsewhere = positions.find((row) => row.cluster !== cluster);
  if (elsewhere) {
    throw new Error(
      `${group} has its position in the Kafka cluster ${elsewhere.cluster}; this is ${cluster}. ` +
        'Point KAFKA_BROKERS at that cluster, or start over with an empty database.',
    );
  }
  for (const { name } of topics) {
    for (const { partition, low, high } of watermarks.get(name)!) {
      const row = positions.find((r) => r.topic === name && r.partition === partition);
      if (!row) continue;
      const offset = Number(row.next_offset);
      if (offset <= Number(high) && offset >= Number(low)) continue;
      throw new Error(
        `${group} is at offset ${offset} of ${name}-${partition}, but the log has ${low} to ` +
          `${high}: the log and this database do not belong together. Start both over (--fresh), ` +
          'or restore the one that is older.',
      );
    }
  }
}
