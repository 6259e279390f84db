import type { Kafka, Message, Producer as KafkaProducer } from 'kafkajs';
import { topics } from '#contracts/contract';
import { connectKafka, withAdmin } from './kafka.ts';
import { silent } from './log-sink.ts';
import { partitionName } from './partition.ts';
import { messageOf } from './producer.ts';
import type { PlacedRecord } from './producer.ts';
import type { Security } from './security.ts';
import { settingsOf } from './topic-settings.ts';

/** A record that is older than its append. `timestamp`: log time, ms. */
export type PastRecord = PlacedRecord & { timestamp: number };

/** Bytes of one request at most: the broker takes 1 MB for each partition. */
const MAX_BYTES = 800_000;

/**
 * Puts a past on an empty log, each record with a time of its own. Until {@link LogImport.close} the
 * topics take the time they are told; nothing else may append meanwhile.
 */
export class LogImport {
  readonly #counts = new Map<string, number>();

  private constructor(
    private readonly client: Kafka,
    private readonly producer: KafkaProducer,
    private readonly names: readonly string[],
    private readonly replicas: number,
    readonly cluster: string,
  ) {}

  /** The topics must be there. Throws a sentence when one of them holds a record. */
  static async open(
    brokers: string[],
    names: readonly string[],
    security?: Security,
  ): Promise<LogImport> {
    const client = connectKafka(brokers, 'streamside-import', silent, security);
    const { clusterId, nodes } = await withAdmin(client, async (admin) => {
      for (const name of names) {
        const offsets = await admin.fetchTopicOffsets(name);
        if (offsets.every(({ high }) => high === '0')) continue;
        throw new Error(
          `The topic ${name} holds events already, and a past cannot come after them: ` +
            'take an empty log (npm run history -- --fresh forgets this one).',
        );
      }
      const cluster = await admin.describeCluster();
      return { clusterId: cluster.clusterId, nodes: cluster.brokers.length };
    });
    // Without another try: what a lost answer doubles would put every position wrong.
    const producer = client.producer({ allowAutoTopicCreation: false, retry: { retries: 0 } });
    await producer.connect();
    const log = new LogImport(client, producer, names, nodes, clusterId);
    await log.#takeTimesFrom('CreateTime');
    return log;
  }

  /** Resolves when they are durable, in this order: one request at a time, as two may pass each other. */
  async send(records: readonly PastRecord[]): Promise<void> {
    for (const batch of inBatches(records)) await this.#request(batch);
  }

  /**
   * From here on the broker's clock tells the time again. Throws a sentence when the log does not hold
   * exactly what was sent: then positions in it would be wrong.
   */
  async close(): Promise<void> {
    await this.producer.disconnect();
    await this.#takeTimesFrom('LogAppendTime');
    const ends = await withAdmin(this.client, (admin) =>
      Promise.all(this.names.map((name) => admin.fetchTopicOffsets(name))),
    );
    this.names.forEach((name, index) => {
      for (const { partition, high } of ends[index]!) {
        const sent = this.#counts.get(partitionName(name, partition)) ?? 0;
        if (Number(high) === sent) continue;
        throw new Error(
          `${name}-${partition} holds ${high} records instead of ${sent}: somebody else appended, ` +
            'or an answer of the broker was lost. Begin again with an empty log.',
        );
      }
    });
  }

  async #request(records: readonly PastRecord[]): Promise<void> {
    const byTopic = new Map<string, Message[]>();
    for (const record of records) {
      const { topic, partition, timestamp } = record;
      const messages = byTopic.get(topic) ?? [];
      byTopic.set(topic, messages);
      messages.push({ ...messageOf(record), timestamp: String(timestamp) });
      const place = partitionName(topic, partition);
      this.#counts.set(place, (this.#counts.get(place) ?? 0) + 1);
    }
    const topicMessages = [...byTopic].map(([topic, messages]) => ({ topic, messages }));
    await this.producer.sendBatch({ acks: -1, topicMessages });
  }

  async #takeTimesFrom(timestamps: 'CreateTime' | 'LogAppendTime'): Promise<void> {
    const resources = this.names.map((name) => {
      const topic = topics().get(name)!;
      const { replicas, timestamps: declared } = topic.settings;
      const settings = settingsOf(topic, Math.min(replicas, this.replicas));
      const type = timestamps === 'CreateTime' ? timestamps : declared;
      // The broker forgets what is not said again.
      const all = { ...settings, 'message.timestamp.type': type };
      const configEntries = Object.entries(all).map(([key, value]) => ({ name: key, value }));
      return { type: TOPIC_RESOURCE, name, configEntries };
    });
    await withAdmin(this.client, (admin) => admin.alterConfigs({ validateOnly: false, resources }));
  }
}

function* inBatches(records: readonly PastRecord[]): Generator<readonly PastRecord[]> {
  let from = 0;
  let bytes = 0;
  for (const [index, { value }] of records.entries()) {
    bytes += value.length;
    if (bytes < MAX_BYTES) continue;
    yield records.slice(from, index + 1);
    [from, bytes] = [index + 1, 0];
  }
  if (from < records.length) yield records.slice(from);
}

const TOPIC_RESOURCE = 2;
