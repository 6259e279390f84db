import { Kafka, logLevel } from 'kafkajs';
import { serve, settings } from '../serve.ts';

/* Feedback of the bare relay: answers each ExitIntended, on the same topic. */

const { brokers, topic } = settings<{ brokers: string[]; topic: string }>();
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
const producer = kafka.producer();
const consumer = kafka.consumer({ groupId: `${topic}-middle`, maxWaitTimeInMs: 500 });
await producer.connect();
await consumer.connect();
await consumer.subscribe({ topics: [topic] });
const joined = new Promise((resolve) => consumer.on(consumer.events.GROUP_JOIN, resolve));
await consumer.run({
  partitionsConsumedConcurrently: 6,
  eachMessage: async ({ message }) => {
    const hit = JSON.parse(message.value!.toString()) as { type: string; visitorId: string };
    if (hit.type !== 'ExitIntended') return;
    const value = JSON.stringify({ ...hit, type: 'CouponOffered' });
    await producer.send({ topic, acks: -1, messages: [{ key: hit.visitorId, value }] });
  },
});
await joined;

serve(async () => ({}));
