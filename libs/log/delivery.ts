import type { Batch as KafkaBatch, Consumer, EachBatchPayload, Kafka } from 'kafkajs';
import type { LimitFunction } from 'p-limit';
import type { DataSource, EntityManager } from 'typeorm';
import { PARTITIONS } from '#contracts/contract';
import { toRecord } from './envelope.ts';
import type { IncomingRecord } from './envelope.ts';
import type { Progress } from './fold.ts';
import { BatchSize } from './batch-size.ts';
import { GroupCommit } from './group-commit.ts';
import { GroupHealth } from './group-health.ts';
import { LagDisplay } from './lag-display.ts';
import { bytesToFetch } from './memory.ts';
import type { LogSink } from './log-sink.ts';
import { tellHops } from './hops.ts';
import { passCrashPoint } from './crash-points.ts';
import { MEMBERSHIP } from './kafka.ts';
import { partitionName } from './partition.ts';
import { PassedOver } from './passed-over.ts';
import { Fenced, lock } from './positions.ts';
import type { Place } from './positions.ts';
import { DATABASE_REFUSES } from './read-record.ts';
import { Reading } from './reading.ts';
import type { Relay } from './relay.ts';
import { restAfter } from './rest.ts';
import { Ticker } from './ticker.ts';
import type { Producer } from './producer.ts';
import { claimFor, isRefusedValue } from './transact.ts';
import type { Owned } from './transact.ts';
import type { Watermarks } from './verify-positions.ts';
import type { Views } from './views.ts';
import type { Work } from './work.ts';

/** What the delivery loop needs of its process. */
export interface Surroundings {
  client: Kafka;
  cluster: string;
  dataSource: DataSource;
  relay: Relay;
  views: Views;
  producer: Producer;
  sink: LogSink;
  service: string;
  /** The transactions of all its groups: so many at once, the others in line. */
  inTurn: LimitFunction;
  /** As how many groups it reads. */
  groups: number;
}

/** Of a partition that nobody of this database has claimed before. */
const FIRST_EPOCH = 1;

/**
 * The delivery loop of one consumer group. For each batch of a partition, in one transaction: lock
 * the position row, do the work, save its effects, move the position; commit; publish. Small batches
 * of several partitions share one.
 */
export class Delivery {
  readonly health: GroupHealth;
  private readonly consumer: Consumer;
  private readonly owned = new Map<string, Promise<Owned>>();
  private readonly nextClaims = new Map<string, NodeJS.Timeout>();
  private readonly display: LagDisplay;
  private readonly passedOver: PassedOver;
  private readonly groupCommit: GroupCommit;
  /** One for all its partitions: they share the processor. */
  private readonly size = new BatchSize();
  private stopped = false;
  private readonly reading: Reading;
  private readonly ticker: Ticker;

  constructor(
    private readonly work: Work,
    private readonly around: Surroundings,
    watermarks: Watermarks = new Map(),
  ) {
    this.health = new GroupHealth(work, around.sink, watermarks);
    const maxBytesPerPartition = bytesToFetch(around.groups);
    this.consumer = around.client.consumer({
      groupId: work.group,
      ...MEMBERSHIP,
      minBytes: 1,
      maxBytesPerPartition,
      // Room for each: the broker fills a request in the order of the partitions.
      maxBytes: PARTITIONS * maxBytesPerPartition,
      maxWaitTimeInMs: 500,
      retry: { initialRetryTime: 100, maxRetryTime: 2000, retries: Number.MAX_SAFE_INTEGER },
    });
    const config = {
      autoCommit: false,
      eachBatchAutoResolve: false,
      partitionsConsumedConcurrently: 64,
      eachBatch: (payload: EachBatchPayload) => this.eachBatch(payload),
    };
    this.display = new LagDisplay(this.consumer);
    this.passedOver = new PassedOver(work, around.dataSource, this.health.saving, {
      saved: (owned) => this.display.show(owned),
      fenced: (owned) => void this.claimAnew(owned),
    });
    this.groupCommit = new GroupCommit(work, around.dataSource, around.inTurn);
    this.reading = new Reading(this.consumer, config, (error) => this.health.reading.failed(error));
    this.ticker = new Ticker(work, around, () => this.owned.values(), this.health.clock);
  }

  async start(): Promise<void> {
    const { consumer, work } = this;
    consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => this.assign(payload.memberAssignment));
    consumer.on(consumer.events.HEARTBEAT, () => this.health.heard());
    await consumer.connect();
    await consumer.subscribe({ topics: work.topics.map(({ name }) => name), fromBeginning: true });
    await this.reading.start();
  }

  /** Finishes the batch under way and leaves the group. */
  async stop(): Promise<void> {
    this.stopped = true;
    this.ticker.stop();
    this.display.forget();
    this.health.left();
    await this.reading.stop();
    await this.passedOver.stop();
  }

  /**
   * Claims what it was given, also what it had before: in a round that this member missed somebody
   * else may have owned it, and set a timer that nobody here knows of.
   */
  private assign(assignment: Record<string, number[]>): void {
    this.owned.clear();
    this.passedOver.forget();
    this.display.forget();
    this.health.assigned(assignment);
    for (const [topic, partitions] of Object.entries(assignment)) {
      for (const partition of partitions) this.takeOver(topic, partition);
    }
  }

  /** Somebody else has claimed it: what was passed over here since is not saved. */
  private async claimAnew(owned: Owned): Promise<void> {
    const { topic, partition } = owned;
    const key = partitionName(topic, partition);
    const owning = this.owned.get(key);
    if (!owning || (await owning.catch(() => null)) !== owned) return;
    this.disown(key, owning);
    this.takeOver(topic, partition, { goBack: true });
  }

  /**
   * Claims it until that works or it moves away: a silent partition has no batch that would. Where
   * nobody has claimed it before, the database is a new one, and Kafka may remember how far an earlier
   * one had come. With `goBack` reading goes back to where the claim stands.
   */
  private takeOver(topic: string, partition: number, { goBack = false } = {}): void {
    const key = partitionName(topic, partition);
    clearTimeout(this.nextClaims.get(key));
    const begin = ({ epoch, progress }: Owned) => {
      if ((epoch > FIRST_EPOCH && !goBack) || this.stopped) return;
      this.consumer.seek({ topic, partition, offset: String(progress.offset) });
    };
    this.own(topic, partition)
      .then(begin)
      .catch((error: Error) => {
        const failures = this.health.notClaimed(topic, partition, error);
        if (failures === null) return;
        const again = setTimeout(
          () => this.takeOver(topic, partition, { goBack }),
          backOffMs(failures),
        );
        this.nextClaims.set(key, again.unref());
      });
  }

  /** The partition as this process owns it; claimed when it does not yet. */
  private own(topic: string, partition: number): Promise<Owned> {
    const key = partitionName(topic, partition);
    let owned = this.owned.get(key);
    if (!owned) {
      owned = this.claim({ group: this.work.group, topic, partition });
      this.owned.set(key, owned);
      owned.catch(() => this.disown(key, owned!));
    }
    return owned;
  }

  private disown(key: string, owned: Promise<Owned>): void {
    if (this.owned.get(key) === owned) this.owned.delete(key);
  }

  private async claim(place: Place): Promise<Owned> {
    const { dataSource, cluster } = this.around;
    const owned = await claimFor(dataSource, this.work, place, cluster);
    this.health.claimed(owned);
    this.ticker.arm();
    return owned;
  }

  private async eachBatch(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch;
    const key = partitionName(topic, partition);
    let owning: Promise<Owned> | undefined;
    try {
      owning = this.own(topic, partition);
      await this.deliver(await owning, payload);
    } catch (error) {
      if (owning) this.disown(key, owning);
      if (error instanceof Fenced) return;
      if (isRebalance(error)) return;
      this.size.failed();
      this.holdBack(payload, error as Error);
    }
  }

  private async deliver(owned: Owned, payload: EachBatchPayload): Promise<void> {
    const { batch, heartbeat, isRunning, isStale, resolveOffset } = payload;
    const rest = restAfter(this.work.lingerMs);
    if (this.seekWhenApart(owned, batch)) return;
    if (owned.progress.offset > 0) resolveOffset(String(owned.progress.offset - 1));
    let records = batch.messages
      .map(toRecord)
      .filter(({ offset }) => offset >= owned.progress.offset);
    while (records.length > 0) {
      if (!isRunning() || isStale()) return;
      const waitsFor = this.pass(owned, records)
        ? undefined
        : await this.step(owned, records.slice(0, this.size.now));
      const { offset } = owned.progress;
      resolveOffset(String(offset - 1));
      if (waitsFor !== undefined) throw new Error(waitsFor);
      records = records.filter((record) => record.offset >= offset);
      await heartbeat();
    }
    this.health.delivered(owned);
    this.ticker.arm();
    if (!this.passedOver.has(owned)) this.display.show(owned);
    const more = Number(batch.highWatermark) > owned.progress.offset;
    if (batch.messages.length > 0 && !more) await rest();
  }

  /** Kafka's committed offset is for lag displays; ours decides where to read. */
  private seekWhenApart({ topic, partition, progress }: Owned, batch: KafkaBatch): boolean {
    const first = Number(batch.firstOffset() ?? progress.offset);
    const last = Number(batch.lastOffset());
    if (first <= progress.offset && progress.offset <= last + 1) return false;
    if (first > progress.offset && this.isGap(batch, progress)) return false;
    this.consumer.seek({ topic, partition, offset: String(progress.offset) });
    return true;
  }

  /** In a compacted table, and after a seek answered with a later offset, gaps are normal. */
  private isGap(batch: KafkaBatch, progress: Progress): boolean {
    const requested = Number((batch as unknown as { fetchedOffset: string }).fetchedOffset);
    return requested <= progress.offset;
  }

  /** Passes over records that change nothing here; false when there is something to do. */
  private pass(owned: Owned, records: readonly IncomingRecord[]): boolean {
    const passed = this.passedOver.pass(owned, records);
    if (passed) this.health.passed(owned, records.length);
    return passed;
  }

  /** One transaction. Values the database refuses are found by halving. */
  private async step(owned: Owned, records: IncomingRecord[]): Promise<string | undefined> {
    try {
      return await this.transact(owned, records);
    } catch (error) {
      if (!isRefusedValue(error)) throw error;
      const [record] = records;
      if (records.length === 1 && record) return this.skip(owned, record, error as Error);
      return this.step(owned, records.slice(0, records.length >> 1));
    }
  }

  private async transact(owned: Owned, records: IncomingRecord[]): Promise<string | undefined> {
    const [from, began] = [owned.progress.offset, performance.now()];
    const done = await this.groupCommit.run(owned, records);
    const tookMs = performance.now() - began;
    this.passedOver.saved(owned);
    this.around.views.saved(owned, owned.progress.offset);
    this.size.took(records.length, tookMs);
    tellHops({ ...owned, work: this.work, records, done, tookMs });
    this.health.committed(owned, done.progress.offset - from, done, tookMs);
    if (done.append.length > 0) {
      passCrashPoint('committed');
      this.around.relay.wake();
    }
    return done.waitsFor;
  }

  /** The skip is kept, so that a rebuild skips the same; then the record is refused. */
  private async skip(owned: Owned, record: IncomingRecord, error: Error): Promise<undefined> {
    const reason = `${DATABASE_REFUSES} (${error.message})`;
    const { dataSource, sink } = this.around;
    await dataSource.transaction(async (tx: EntityManager) => {
      await lock(tx, owned.group, [owned]);
      await tx.query('insert into log_skips values ($1, $2, $3, $4, $5) on conflict do nothing', [
        owned.group,
        owned.topic,
        owned.partition,
        record.offset,
        reason,
      ]);
    });
    owned.skips.set(record.offset, reason);
    sink.warn(`${owned.group} skips ${owned.topic}-${owned.partition}/${record.offset}: ${reason}`);
    return undefined;
  }

  /** Everything that is not the record's fault is tried again, and pauses only its partition. */
  private holdBack({ batch, pause: hold }: EachBatchPayload, error: Error): void {
    const waitMs = backOffMs(this.health.failed(batch.topic, batch.partition, error));
    setTimeout(hold(), waitMs).unref();
  }
}

function backOffMs(failures: number): number {
  return Math.min(5000, 50 * 2 ** failures);
}

function isRebalance(error: unknown): boolean {
  const type = (error as { type?: string }).type;
  return (
    type === 'REBALANCE_IN_PROGRESS' ||
    type === 'NOT_COORDINATOR_FOR_GROUP' ||
    type === 'UNKNOWN_MEMBER_ID' ||
    type === 'ILLEGAL_GENERATION'
  );
}
