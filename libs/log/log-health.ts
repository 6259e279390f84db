import type { Admin, Kafka } from 'kafkajs';
import type { DataSource } from 'typeorm';
import type { Ends, GroupHealth } from './group-health.ts';
import { lag, outboxOldest, outboxRecords, partitionPaused, timeBehind } from './metrics.ts';
import { readOutbox } from './outbox.ts';
import type { Outbox } from './outbox.ts';
import { Probe } from './probe.ts';
import type { Relay } from './relay.ts';
import type { Complaint } from './trouble.ts';
import { watermarksOf } from './verify-positions.ts';

/** What a service has of these; the collector has no database, and nothing to relay. */
export interface Watched {
  client?: Kafka | undefined;
  dataSource?: DataSource | undefined;
  relay?: Relay | undefined;
  /** See `LogModule.forService`. */
  answersWithoutLog?: boolean | undefined;
}

/** How a service stands with the log and its database: for /readyz and /metrics. */
export class LogHealth {
  private groups: readonly GroupHealth[] | null = null;
  private readonly admin: Admin | null;
  private readonly kafka: Probe<Ends> | null;
  private readonly database: Probe<Outbox> | null;

  constructor(private readonly watched: Watched) {
    const { client, dataSource } = watched;
    const admin = client?.admin({ retry: { retries: 0 } }) ?? null;
    this.admin = admin;
    this.kafka = admin ? new Probe('Kafka', () => this.askEnds(admin)) : null;
    this.database = dataSource ? new Probe('The database', () => readOutbox(dataSource)) : null;
  }

  /** The log is started, with these groups. */
  started(groups: readonly GroupHealth[]): void {
    this.groups = groups;
  }

  /**
   * Why the service is not what it should be. Takes no longer than a second, whatever is away.
   * Decision 0006 says what blocks.
   */
  async complaints(): Promise<Complaint[]> {
    const { groups, watched } = this;
    if (!groups) return [{ says: 'The log is not started yet', blocks: true }];
    const asked = [this.database, groups.length === 0 ? this.kafka : null];
    await Promise.all(asked.map((probe) => probe?.look()));
    const beginnings = groups.flatMap((group) => group.beginnings());
    const troubles = [watched.relay?.trouble, ...groups].flatMap((of) => of?.complaints() ?? []);
    return [
      ...asked.flatMap((probe) => probe?.complaints() ?? []),
      ...beginnings.map((says) => ({ says, blocks: true })),
      ...troubles.map(({ says, blocks }) => ({
        says,
        blocks: blocks && !watched.answersWithoutLog,
      })),
    ];
  }

  /** Sets the gauges to what is true now; what is not known has none. Takes no longer than a second. */
  async measure(): Promise<void> {
    const groups = this.groups ?? [];
    await Promise.all([groups.length > 0 && this.kafka?.look(), this.database?.look()]);
    for (const gauge of [lag, timeBehind, partitionPaused]) gauge.reset();
    for (const group of groups) group.measure(this.kafka?.answer);
    for (const gauge of [outboxRecords, outboxOldest]) gauge.remove();
    const outbox = this.database?.answer;
    if (!outbox) return;
    outboxRecords.set(outbox.records);
    outboxOldest.set(outbox.oldest === null ? 0 : Math.max(0, Date.now() - outbox.oldest) / 1000);
  }

  async close(): Promise<void> {
    await this.admin?.disconnect();
  }

  /** Connects when first asked, and again after the broker was away. */
  private async askEnds(admin: Admin): Promise<Ends> {
    const at = Date.now();
    const topics = (this.groups ?? []).flatMap((group) => group.topics);
    await admin.connect();
    if (topics.length === 0) await admin.describeCluster(); // Nothing to read, but to append to.
    return { at, watermarks: await watermarksOf(admin, topics) };
  }
}
