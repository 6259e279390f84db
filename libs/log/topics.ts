import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { PARTITIONS, topics } from '#contracts/contract';
import type { Topic } from '#contracts/contract';
import '#contracts/all';
import { connectKafka, withAdmin } from './kafka.ts';
import { silent } from './log-sink.ts';

/** Settings of a topic that its contract decides. */
function settingsOf(topic: Topic): Record<string, string> {
  return {
    'cleanup.policy': topic.kind === 'table' ? 'compact' : 'delete',
    'message.timestamp.type': 'LogAppendTime',
    ...(topic.kind === 'stream' ? { 'retention.ms': '-1' } : {}),
  };
}

/**
 * Creates the topics that are missing, and checks the others. Throws, with a sentence, when a topic
 * has other settings than its contract.
 */
export async function createTopics(brokers: string[]): Promise<{ created: string[] }> {
  return withAdmin(connectKafka(brokers, 'streamside-topics', silent), async (admin) => {
    const existing = new Set(await admin.listTopics());
    const missing = [...topics().values()].filter(({ name }) => !existing.has(name));
    await admin.createTopics({
      waitForLeaders: false,
      topics: missing.map((topic) => ({
        topic: topic.name,
        numPartitions: PARTITIONS,
        replicationFactor: -1,
        configEntries: Object.entries(settingsOf(topic)).map(([name, value]) => ({ name, value })),
      })),
    });
    for (const { name } of missing) await untilLed(admin, name);
    await verifyTopics(admin, [...topics().values()]);
    return { created: missing.map(({ name }) => name) };
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

/** Throws, with a sentence, when a topic is missing or differs from its contract. */
export async function verifyTopics(admin: Admin, wanted: readonly Topic[]): Promise<void> {
  const existing = new Set(await admin.listTopics());
  for (const { name } of wanted) {
    if (!existing.has(name)) {
      throw new Error(
        `The topic ${name} does not exist. Create the topics first (npm start does).`,
      );
    }
  }
  const names = wanted.map(({ name }) => name);
  const { topics: metadata } = await admin.fetchTopicMetadata({ topics: names });
  for (const { name, partitions } of metadata) {
    if (partitions.length === PARTITIONS) continue;
    throw new Error(
      `The topic ${name} has ${partitions.length} partitions, its contract says ${PARTITIONS}. ` +
        'Keys would change places: use a new log, or create the topic anew.',
    );
  }
  const resources = names.map((name) => ({ type: TOPIC_RESOURCE, name }));
  const described = await admin.describeConfigs({ resources, includeSynonyms: false });
  for (const { resourceName, configEntries } of described.resources) {
    const wantedSettings = settingsOf(topics().get(resourceName)!);
    for (const [setting, value] of Object.entries(wantedSettings)) {
      const actual = configEntries.find(({ configName }) => configName === setting)?.configValue;
      if (actual === value) continue;
      throw new Error(
        `The topic ${resourceName} has ${setting}=${actual}, its contract says ${value}. ` +
          'Change the setting with kafka-configs.sh, or create the topic anew.',
      );
    }
  }
}

const TOPIC_RESOURCE = 2;
const LEADER_LIMIT_MS = 30_000;
