import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { PARTITIONS, topics } from '#contracts/contract';
import type { Topic } from '#contracts/contract';
import '#contracts/all';
import { firstReleaseOf } from '#contracts/releases';
import { connectKafka, LEADER_LIMIT_MS, withAdmin } from './kafka.ts';
import { silent } from './log-sink.ts';
import type { Security } from './security.ts';
import { driftOf, isGrave, sentenceOf, settingsOf } from './topic-settings.ts';
import type { Drift } from './topic-settings.ts';

/** The topics that are there for good, and those of the first releases. */
export function firstTopics(): Topic[] {
  return [...topics().values()].filter(
    ({ release }) => !release || release.release === firstReleaseOf(release.application),
  );
}

/**
 * Creates those of these topics that are missing, and checks the others. Throws, with a sentence, when one
 * has settings with which services would go wrong; `drifts` are sentences about the others.
 */
export async function createTopics(
  brokers: string[],
  security?: Security,
  wanted: readonly Topic[] = firstTopics(),
): Promise<{ created: string[]; drifts: string[] }> {
  return withAdmin(connectKafka(brokers, 'streamside-topics', silent, security), async (admin) => {
    const { brokers: nodes } = await admin.describeCluster();
    const replicasOf = ({ settings }: Topic) => Math.min(settings.replicas, nodes.length);
    const existing = new Set(await admin.listTopics());
    const missing = wanted.filter(({ name }) => !existing.has(name));
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map((topic) => ({
        topic: topic.name,
        numPartitions: PARTITIONS,
        replicationFactor: replicasOf(topic),
        configEntries: Object.entries(settingsOf(topic, replicasOf(topic))).map(
          ([name, value]) => ({ name, value }),
        ),
      })),
    });
    for (const { name } of missing) await untilLed(admin, name);
    const drifts = await verifyTopics(admin, wanted);
    return { created: missing.map(({ name }) => name), drifts: drifts.map(sentenceOf) };
  });
}

/**
 * The controller names a leader before the broker has made the partition, and when somebody else
 * creates the same topics not even that: wait until the partitions answer.
 */
async function untilLed(admin: Admin, topic: string): Promise<void> {
  const limit = Date.now() + LEADER_LIMIT_MS;
  for (;;) {
    try {
      await admin.fetchTopicOffsets(topic);
      return;
    } catch (error) {
      if (Date.now() > limit) throw error;
      await pause(50);
    }
  }
}

/**
 * Throws, with a sentence, when a topic is missing, or differs from its contract so that services
 * would go wrong. Returns the other differences.
 */
export async function verifyTopics(admin: Admin, wanted: readonly Topic[]): Promise<Drift[]> {
  // Who only writes asks about none, and Kafka's client refuses to ask about nothing.
  if (wanted.length === 0) return [];
  const existing = new Set(await admin.listTopics());
  for (const { name } of wanted) {
    if (!existing.has(name)) {
      throw new Error(
        `The topic ${name} does not exist, or not for this user. Create the topics first (npm start does).`,
      );
    }
  }
  const names = wanted.map(({ name }) => name);
  const replicas = new Map<string, number>();
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
  for (const { name, partitions } of metadata) {
    replicas.set(name, partitions[0]?.replicas.length ?? 0);
    if (partitions.length === PARTITIONS) continue;
    throw new Error(
      `The topic ${name} has ${partitions.length} partitions, its contract says ${PARTITIONS}. ` +
        'Keys would change places: use a new log, or create the topic anew.',
    );
  }
  const resources = names.map((name) => ({ type: TOPIC_RESOURCE, name }));
  const described = await admin.describeConfigs({ resources, includeSynonyms: false });
  const drifts = described.resources.flatMap(({ resourceName, configEntries }) => {
    const actual = new Map(configEntries.map((entry) => [entry.configName, entry.configValue]));
    return driftOf(topics().get(resourceName)!, actual, replicas.get(resourceName)!);
  });
  const grave = drifts.find(isGrave);
  if (grave) throw new Error(sentenceOf(grave));
  return drifts;
}

const TOPIC_RESOURCE = 2;
