import { PARTITIONS } from '#contracts/contract';
import type { LogSink } from './log-sink.ts';
import {
  batchRecords,
  batchSeconds,
  countAppended,
  lag,
  partitionPaused,
  rebalances,
  recordsRead,
  recordsRefused,
  retries,
  timeBehind,
} from './metrics.ts';
import { partitionName } from './partition.ts';
import type { Owned } from './transact.ts';
import { PATIENCE_MS, seconds, Trouble } from './trouble.ts';
import type { Complaint } from './trouble.ts';
import type { Watermarks } from './verify-positions.ts';
import type { Done, Work } from './work.ts';

/** Where the partitions end, and when the broker was asked. */
export interface Ends {
  at: number;
  watermarks: Watermarks;
}

interface Partition {
  topic: string;
  partition: number;
  /** Where the group stands; null until the partition is claimed. The loop moves it on. */
  owned: Owned | null;
  assignedAt: number;
  /** When somebody looked last and nothing was left to read, ms; 0: never. */
  caughtUpAt: number;
  /** It cannot be claimed. */
  claim: Trouble;
  /** What was fetched of it cannot be done. */
  work: Trouble;
}

/**
 * How one consumer group of this process is: its delivery loop tells what happens, in single calls;
 * from here it goes to the metrics, to /readyz and, once each, to the log.
 */
export class GroupHealth {
  /** The group lost its place for good and begins anew. */
  readonly reading: Trouble;
  /** Timers cannot be looked up, or ticks not appended. */
  readonly clock: Trouble;
  /** Where it has come to cannot be saved; it goes on all the same. */
  readonly saving: Trouble;
  private partitions = new Map<string, Partition>();
  private readonly group: string;
  private joined = false;
  private heardAt = 0;
  /** Partitions of tables not read yet, with where each ended: a view is of no use half full. */
  private readonly toCatchUp = new Map<string, number>();

  constructor(
    private readonly work: Work,
    private readonly sink: LogSink,
    watermarks: Watermarks = new Map(),
  ) {
    const { group, topics } = work;
    this.group = group;
    this.reading = this.troubleOf('stopped reading', 'reads again', { group });
    this.clock = this.troubleOf('cannot tell the time', 'tells the time again', { group });
    this.saving = this.troubleOf('cannot save its position', 'saves its position again', { group });
    rebalances.inc({ group }, 0); // A rate needs the zero before the first one.
    for (const { name: topic, kind } of topics) {
      for (const counter of [recordsRead, retries]) counter.inc({ group, topic }, 0);
      if (kind !== 'table') continue;
      for (const { partition, high } of watermarks.get(topic) ?? []) {
        this.toCatchUp.set(partitionName(topic, partition), Number(high));
      }
    }
  }

  get topics(): Work['topics'] {
    return this.work.topics;
  }

  /** The broker answered this member. */
  heard(now = Date.now()): void {
    this.heardAt = now;
  }

  /** The group handed out its partitions: these are ours now. */
  assigned(assignment: Record<string, number[]>): void {
    const before = this.partitions;
    this.partitions = new Map();
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) {
        const key = partitionName(topic, partition);
        this.partitions.set(key, before.get(key) ?? this.newPartition(topic, partition));
      }
    }
    for (const key of this.toCatchUp.keys()) {
      if (!this.partitions.has(key)) this.toCatchUp.delete(key);
    }
    this.joined = true;
    this.heard();
    this.reading.passed();
    rebalances.inc({ group: this.group });
    this.sayMoves(before);
  }

  /** The partition was claimed, and stands where `owned` says. */
  claimed(owned: Owned): void {
    const at = this.partitions.get(partitionName(owned.topic, owned.partition));
    if (at) at.owned = owned;
    at?.claim.passed();
    this.noteProgress(owned);
  }

  /** A claim failed. Returns how many times in a row; null when the partition is not ours any more. */
  notClaimed(topic: string, partition: number, error: Error): number | null {
    return this.partitions.get(partitionName(topic, partition))?.claim.failed(error) ?? null;
  }

  /** So many records changed nothing. */
  passed({ group, topic }: Owned, records: number): void {
    recordsRead.inc({ group, topic }, records);
  }

  /** A transaction of the loop was committed; it took `ms`. */
  committed(owned: Owned, records: number, { append, bad }: Done, ms: number): void {
    const { group, topic, partition } = owned;
    recordsRead.inc({ group, topic }, records);
    batchRecords.observe({ group }, records);
    batchSeconds.observe({ group }, ms / 1000);
    countAppended(append);
    for (const { offset, reason, kind } of bad) {
      recordsRefused.inc({ group, topic, reason: kind });
      const facts = { group, topic, partition, offset };
      this.sink.warn(`${group} refused ${topic}-${partition}/${offset}: ${reason}`, facts);
    }
  }

  /** Whatever was fetched of the partition is done. */
  delivered(owned: Owned): void {
    this.noteProgress(owned);
    this.partitions.get(partitionName(owned.topic, owned.partition))?.work.passed();
  }

  /** The partition failed and will be tried again. Returns how many times it failed in a row. */
  failed(topic: string, partition: number, error: Error): number {
    retries.inc({ group: this.group, topic });
    return this.partitions.get(partitionName(topic, partition))?.work.failed(error) ?? 1;
  }

  /** The group is left: nothing of it is ours. */
  left(): void {
    this.partitions.clear();
  }

  /** What is missing before the service can begin. */
  beginnings(): string[] {
    if (!this.joined) return [`${this.group} waits for its partitions`];
    return this.topics.flatMap(({ name }) => this.catchingUp(name));
  }

  /** What went wrong since. */
  complaints(now = Date.now()): Complaint[] {
    const troubles = [this.reading, this.clock, this.saving];
    for (const { claim, work } of this.partitions.values()) troubles.push(claim, work);
    const complaints = troubles.flatMap((trouble) => trouble.complaints(now));
    const silentMs = now - this.heardAt;
    if (this.joined && !this.reading.lasts && silentMs >= PATIENCE_MS) {
      const says = `${this.group} has not heard from Kafka for ${seconds(silentMs)}`;
      complaints.push({ says, blocks: true });
    }
    return complaints;
  }

  /** Sets the gauges of our partitions; `ends` is undefined when the broker does not tell. */
  measure(ends: Ends | undefined, now = Date.now()): void {
    for (const at of this.partitions.values()) {
      const labels = { group: this.group, topic: at.topic, partition: at.partition };
      partitionPaused.set(labels, at.claim.lasts || at.work.lasts ? 1 : 0);
      const end = ends?.watermarks.get(at.topic)?.find((each) => each.partition === at.partition);
      if (!ends || !end || !at.owned) continue;
      const { progress, nextDue } = at.owned;
      const unread = Math.max(0, Number(end.high) - progress.offset);
      if (unread === 0) at.caughtUpAt = ends.at;
      const doneUntil = Math.max(progress.time, at.caughtUpAt) || at.assignedAt;
      lag.set(labels, unread);
      timeBehind.set(labels, behindMs({ unread, doneUntil, nextDue }, now) / 1000);
    }
  }

  private newPartition(topic: string, partition: number): Partition {
    const key = partitionName(topic, partition);
    const facts = { group: this.group, topic, partition };
    const claim = this.troubleOf(`cannot take ${key} over`, `took ${key} over`, facts);
    const work = this.troubleOf(`holds ${key} back`, `reads ${key} again`, facts);
    const at = { topic, partition, owned: null, assignedAt: Date.now(), caughtUpAt: 0 };
    return { ...at, claim, work };
  }

  private troubleOf(fails: string, works: string, facts: object): Trouble {
    const words = { fails: `${this.group} ${fails}`, works: `${this.group} ${works}` };
    return new Trouble(this.sink, words, facts);
  }

  private noteProgress({ topic, partition, progress }: Owned): void {
    const key = partitionName(topic, partition);
    if (progress.offset >= (this.toCatchUp.get(key) ?? Infinity)) this.toCatchUp.delete(key);
  }

  private catchingUp(topic: string): string[] {
    let [at, end] = [0, 0];
    for (const { topic: name, partition, owned } of this.partitions.values()) {
      const wanted =
        name === topic ? this.toCatchUp.get(partitionName(topic, partition)) : undefined;
      if (wanted === undefined) continue;
      at += owned?.progress.offset ?? 0;
      end += wanted;
    }
    return end > at ? [`${this.group} reads the table ${topic}: it is at ${at} of ${end}`] : [];
  }

  private sayMoves(before: ReadonlyMap<string, Partition>): void {
    const { group, topics } = this;
    const moves = topics.flatMap(({ name }) => {
      const words = moveOf(name, numbersOf(before, name), numbersOf(this.partitions, name));
      return words ? [words] : [];
    });
    if (moves.length === 0) return;
    const partitions = Object.fromEntries(
      topics.map(({ name }) => [name, numbersOf(this.partitions, name)]),
    );
    this.sink.log(`${group} has ${moves.join(', and ')}`, { group, partitions });
  }
}

/**
 * How far the time of a partition is behind `now`, ms. The time of an idle one stands still and is
 * behind nothing: only a record that waits counts, which came after `doneUntil`, or a timer due.
 */
export function behindMs(
  at: { unread: number; doneUntil: number; nextDue: number | null },
  now: number,
): number {
  const forRecords = at.unread > 0 ? now - at.doneUntil : 0;
  const forTimer = at.nextDue === null ? 0 : now - at.nextDue;
  return Math.max(0, forRecords, forTimer);
}

/** What became of a topic's partitions in a rebalance; null when nothing did. */
export function moveOf(
  topic: string,
  before: readonly number[],
  now: readonly number[],
): string | null {
  const came = now.filter((partition) => !before.includes(partition));
  const went = before.filter((partition) => !now.includes(partition));
  if (came.length + went.length === 0) return null;
  const all = now.length === PARTITIONS;
  const list = all || now.length === 0 ? '' : ` (${now.join(', ')})`;
  const share = all ? `all ${PARTITIONS}` : `${now.length || 'none'} of ${PARTITIONS}`;
  const moves = [
    ...(came.length > 0 && before.length > 0 ? [`${came.join(', ')} came`] : []),
    ...(went.length > 0 ? [`${went.join(', ')} moved away`] : []),
  ];
  const changes = moves.length > 0 ? `: ${moves.join(', ')}` : '';
  return `${share} partitions of ${topic}${list} now${changes}`;
}

function numbersOf(partitions: ReadonlyMap<string, Partition>, topic: string): number[] {
  const found = [...partitions.values()].filter((at) => at.topic === topic);
  return found.map(({ partition }) => partition).sort((a, b) => a - b);
}
