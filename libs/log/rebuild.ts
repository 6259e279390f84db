import type { DataSource } from 'typeorm';
import type { IncomingRecord } from './envelope.ts';
import { claimFor, transact } from './transact.ts';
import type { Work } from './work.ts';

/**
 * Reads records of one partition again, from where the database stands, as the delivery loop would:
 * the same transactions, without a consumer group, a clock or a publish. Outputs that were published
 * before do not come back; others wait in the outbox.
 */
export async function rebuild(
  dataSource: DataSource,
  work: Work,
  at: { topic: string; partition: number; cluster: string },
  records: readonly IncomingRecord[],
  batchSize: number,
): Promise<void> {
  const { topic, partition, cluster } = at;
  const place = { group: work.group, topic, partition };
  const owned = await claimFor(dataSource, work, place, cluster);
  let left = records.filter(({ offset }) => offset >= owned.progress.offset);
  while (left.length > 0) {
    const part = { owned, records: left.slice(0, batchSize) };
    const [done] = await transact(dataSource, work, [part]);
    const { waitsFor } = done!;
    if (waitsFor !== undefined) throw new Error(waitsFor);
    left = left.filter(({ offset }) => offset >= owned.progress.offset);
  }
}
