import type { DataSource } from 'typeorm';

/** What waits to be published. */
export interface Outbox {
  records: number;
  /** Time of the oldest event, ms since 1970; null when nothing waits. */
  oldest: number | null;
}

/** Reads it in one query. Times only grow in a lane, so that its first event is its oldest. */
export async function readOutbox(dataSource: DataSource): Promise<Outbox> {
  const [row] = await dataSource.query(READ);
  return {
    records: Number(row.records),
    oldest: row.oldest === null ? null : Date.parse(row.oldest),
  };
}

const READ = `
  with recursive firsts as (
    (select lane, value from log_outbox order by lane, major, minor limit 1)
    union all
    select next.* from firsts f, lateral (
      select lane, value from log_outbox o where o.lane > f.lane
      order by lane, major, minor limit 1) next)
  select (select count(*) from log_outbox) as records,
    (select min(value::json ->> 'time') from firsts) as oldest`;
