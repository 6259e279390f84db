import type { EachMessagePayload, Kafka } from 'kafkajs';

/** Reads what comes onto a topic from now on, one message at a time; resolves when it does. */
export async function readOn(
  kafka: Kafka,
  { topic, as }: { topic: string; as: string },
  eachMessage: (payload: EachMessagePayload) => Promise<void>,
): Promise<void> {
  const consumer = kafka.consumer({ groupId: `${topic}-${as}`, maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topics: [topic] });
  const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
  await consumer.run({ partitionsConsumedConcurrently: 6, eachMessage });
  await joined;
}
