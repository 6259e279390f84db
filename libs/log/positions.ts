import type { DataSource, EntityManager } from 'typeorm';
import type { Bad } from './bad-record.ts';
import type { Progress } from './fold.ts';
import type { OutgoingRecord } from './envelope.ts';
import { PgArray } from './pg-array.ts';
import { last } from './pipelined.ts';
import { place } from './producer.ts';
import type { Sequence } from './sequence.ts';

/** A group's place in one partition, as the transaction that moves it names it. */
export interface Place {
  group: string;
  topic: string;
  partition: number;
}

/** Another process owns the partition now: what was under way is thrown away. */
export class Fenced extends Error {}

/** What a batch saves besides its states. */
export interface Step {
  progress: Progress;
  /** Lanes whose last sequence moved. */
  lanes: ReadonlyMap<string, Sequence>;
  append: readonly OutgoingRecord[];
  bad: readonly Bad[];
}

/**
 * Takes the partition over: the epoch goes up, so a former owner's transaction stops. Returns where
 * the group stands and what it skipped.
 */
export async function claim(
  tx: EntityManager,
  { group, topic, partition }: Place,
  cluster: string,
): Promise<{ epoch: number; progress: Progress; skips: Map<number, string> }> {
  const [row] = await tx.query(
    `insert into log_positions as p values ($1, $2, $3, $4, 0, 0, 0, null, 1)
     on conflict (group_name, topic, partition) do update set epoch = p.epoch + 1
     returning next_offset, next_index, log_time, shared, epoch`,
    [group, topic, partition, cluster],
  );
  const at = [group, topic, partition];
  const where = 'where group_name = $1 and topic = $2 and partition = $3';
  const seen: { lane: string; major: string; minor: number }[] = await tx.query(
    `select lane, major, minor from log_seen ${where}`,
    at,
  );
  const skipped: { record_offset: string; reason: string }[] = await tx.query(
    `select record_offset, reason from log_skips ${where}`,
    at,
  );
  return {
    epoch: Number(row.epoch),
    progress: {
      offset: Number(row.next_offset),
      index: row.next_index,
      time: Number(row.log_time),
      shared: row.shared,
      lanes: new Map(seen.map(({ lane, major, minor }) => [lane, [Number(major), minor] as const])),
    },
    skips: new Map(skipped.map((row) => [Number(row.record_offset), row.reason])),
  };
}

/**
 * Locks the position rows of a group for this transaction, in one order. Throws {@link Fenced} when
 * somebody else owns one of them.
 */
export async function lock(
  tx: EntityManager,
  group: string,
  places: readonly (Place & { epoch: number })[],
): Promise<void> {
  const rows: { topic: string; partition: number; epoch: string }[] = await tx.query(LOCK, [
    group,
    PgArray.text(places.map(({ topic }) => topic)),
    PgArray.int(places.map(({ partition }) => partition)),
  ]);
  for (const { topic, partition, epoch } of places) {
    const row = rows.find((each) => each.topic === topic && each.partition === partition);
    if (Number(row?.epoch) !== epoch) throw new Fenced(`${group} lost ${topic}-${partition}`);
  }
}

const LOCK = `
  select p.topic, p.partition, p.epoch
  from log_positions p
  join unnest($2::text[], $3::int[]) as w(topic, partition) using (topic, partition)
  where p.group_name = $1
  order by p.topic, p.partition for update of p`;

/**
 * Moves positions over records that changed nothing, unless a transaction was faster: locked in the
 * order of {@link lock}. Returns those places that are still ours: another process owns the others now.
 */
export async function moveOn<P extends Place & { epoch: number; progress: Progress }>(
  db: Pick<DataSource, 'query'>,
  group: string,
  places: readonly P[],
): Promise<P[]> {
  const moved: { topic: string; partition: number }[] = await db.query(MOVE_ON, [
    group,
    PgArray.text(places.map(({ topic }) => topic)),
    PgArray.int(places.map(({ partition }) => partition)),
    PgArray.bigint(places.map(({ epoch }) => epoch)),
    PgArray.bigint(places.map(({ progress }) => progress.offset)),
    PgArray.bigint(places.map(({ progress }) => progress.time)),
  ]);
  const isOf = (place: P) => (row: { topic: string; partition: number }) =>
    row.topic === place.topic && row.partition === place.partition;
  return places.filter((place) => moved.some(isOf(place)));
}

const MOVE_ON = `
  with locked as (
    select m.* from log_positions p
    join unnest($2::text[], $3::int[], $4::bigint[], $5::bigint[], $6::bigint[])
      as m(topic, partition, epoch, next_offset, log_time) using (topic, partition)
    where p.group_name = $1 order by topic, partition for update of p),
  moved as (
    update log_positions p
    set next_offset = greatest(p.next_offset, m.next_offset), log_time = greatest(p.log_time, m.log_time)
    from locked m
    where p.group_name = $1 and p.topic = m.topic and p.partition = m.partition
      and p.epoch = m.epoch
    returning p.topic, p.partition)
  select topic, partition from moved`;

/**
 * Saves the steps of a group in one statement, positions, lanes seen, skips and the outbox, and
 * commits the transaction with it.
 */
export async function save(
  tx: EntityManager,
  group: string,
  steps: readonly { at: Place; step: Step }[],
): Promise<void> {
  const seen = steps.flatMap(({ at, step }) =>
    [...step.lanes].map(([lane, sequence]) => ({ at, lane, sequence })),
  );
  // The record before which a timer failed was read.
  const skips = steps.flatMap(({ at, step }) =>
    step.bad.filter(({ kind }) => kind !== 'timer').map((bad) => ({ at, ...bad })),
  );
  const progress = steps.map(({ step }) => step.progress);
  await tx.query(SAVE, [
    group,
    ...placeColumns(steps),
    PgArray.bigint(progress.map(({ offset }) => offset)),
    PgArray.int(progress.map(({ index }) => index)),
    PgArray.bigint(progress.map(({ time }) => time)),
    PgArray.text(progress.map(({ shared }) => shared)),
    ...placeColumns(seen),
    PgArray.text(seen.map(({ lane }) => lane)),
    PgArray.bigint(seen.map(({ sequence }) => sequence[0])),
    PgArray.int(seen.map(({ sequence }) => sequence[1])),
    ...placeColumns(skips),
    PgArray.bigint(skips.map(({ offset }) => offset)),
    PgArray.text(skips.map(({ reason }) => reason)),
    ...outboxColumns(steps.flatMap(({ step }) => step.append.map((record) => place(record)))),
  ]);
}

function placeColumns(rows: readonly { at: Place }[]): [PgArray, PgArray] {
  return [
    PgArray.text(rows.map(({ at }) => at.topic)),
    PgArray.int(rows.map(({ at }) => at.partition)),
  ];
}

/** Rows as one array a column, for `unnest`. */
export function outboxColumns(records: readonly (OutgoingRecord & { partition: number })[]) {
  return [
    PgArray.text(records.map(({ lane }) => lane)),
    PgArray.bigint(records.map(({ sequence }) => sequence![0])),
    PgArray.int(records.map(({ sequence }) => sequence![1])),
    PgArray.text(records.map(({ topic }) => topic)),
    PgArray.int(records.map(({ partition }) => partition)),
    PgArray.text(records.map(({ key }) => key)),
    PgArray.text(records.map(({ type }) => type)),
    PgArray.text(records.map(({ value }) => value)),
  ];
}

/** A rebuild makes the same outputs again: those published before stay out of the outbox. */
const SAVE = last(`
  with seen as (
    insert into log_seen
    select $1, * from unnest($8::text[], $9::int[], $10::text[], $11::bigint[], $12::int[])
    on conflict (group_name, topic, partition, lane)
    do update set major = excluded.major, minor = excluded.minor),
  skips as (
    insert into log_skips
    select $1, * from unnest($13::text[], $14::int[], $15::bigint[], $16::text[])
    on conflict do nothing),
  outbox as (
    insert into log_outbox
    select o.* from unnest($17::text[], $18::bigint[], $19::int[], $20::text[], $21::int[],
      $22::text[], $23::text[], $24::text[])
      as o(lane, major, minor, topic, partition, key, type, value)
    left join log_lanes l using (lane)
    where l.lane is null or (o.major, o.minor) > (l.published_major, l.published_minor)
    on conflict do nothing)
  update log_positions p
  set next_offset = m.next_offset, next_index = m.next_index, log_time = m.log_time, shared = m.shared
  from unnest($2::text[], $3::int[], $4::bigint[], $5::int[], $6::bigint[], $7::text[])
    as m(topic, partition, next_offset, next_index, log_time, shared)
  where p.group_name = $1 and p.topic = m.topic and p.partition = m.partition`);
