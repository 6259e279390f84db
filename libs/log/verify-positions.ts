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

/** Throws, with a sentence, when a saved position does not belong to this log. */
export async function verifyPositions(
  work: Work,
  watermarks: Watermarks,
  { dataSource, cluster }: Pick<Surroundings, 'dataSource' | 'cluster'>,
): Promise<void> {
  const rows: { topic: string; partition: number; cluster: string; next_offset: string }[] =
    await dataSource.query('select * from log_positions where group_name = $1', [work.group]);
  for (const row of rows) {
    if (row.cluster === cluster) continue;
    throw new Error(
      `${work.group} has its position in the Kafka cluster ${row.cluster}; this is ${cluster}. ` +
        'Point KAFKA_BROKERS at that cluster, or start over with an empty database.',
    );
  }
  for (const { name } of work.topics) {
    for (const { partition, low, high } of watermarks.get(name)!) {
      const row = rows.find((r) => r.topic === name && r.partition === partition);
      if (!row) continue;
      const offset = Number(row.next_offset);
      if (offset <= Number(high) && offset >= Number(low)) continue;
      throw new Error(
        `${work.group} is at offset ${offset} of ${name}-${partition}, but the log has ${low} to ` +
          `${high}: the log and this database do not belong together. Start both over (--fresh), ` +
          'or restore the one that is older.',
      );
    }
  }
}
