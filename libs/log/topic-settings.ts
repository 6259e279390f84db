import type { Topic } from '#contracts/contract';

/** What a contract decides, in the broker's words, for a topic with so many replicas. */
export function settingsOf({ settings }: Topic, replicas: number): Record<string, string> {
  const { cleanup, retentionMs, timestamps, minInsyncReplicas } = settings;
  return {
    'cleanup.policy': cleanup,
    ...(cleanup === 'delete' && { 'retention.ms': `${retentionMs}` }),
    'message.timestamp.type': timestamps,
    // More than there are would refuse every append.
    'min.insync.replicas': `${Math.min(minInsyncReplicas, replicas)}`,
  };
}

/** A setting that is not what the contract says. */
export interface Drift {
  topic: string;
  setting: string;
  actual: string | undefined;
  wanted: string;
}

/**
 * Would services go wrong with it? They would with another clock, or when a stream forgets by key.
 * With another retention they had better read on while the records are there.
 */
export function isGrave({ setting }: Drift): boolean {
  return setting === 'cleanup.policy' || setting === 'message.timestamp.type';
}

/** Where the settings on the broker are not those of the contract. */
export function driftOf(
  topic: Topic,
  actual: ReadonlyMap<string, string>,
  replicas: number,
): Drift[] {
  return Object.entries(settingsOf(topic, replicas))
    .map(([setting, wanted]) => ({
      topic: topic.name,
      setting,
      actual: actual.get(setting),
      wanted,
    }))
    .filter((drift) => drift.actual !== drift.wanted);
}

export function sentenceOf({ topic, setting, actual, wanted }: Drift): string {
  return (
    `The topic ${topic} has ${setting}=${actual}, its contract says ${wanted}. Mend it with ` +
    `kafka-configs.sh --bootstrap-server $KAFKA_BROKERS --alter --topic ${topic} ` +
    `--add-config ${setting}=${wanted}`
  );
}
