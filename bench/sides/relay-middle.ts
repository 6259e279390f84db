import { Kafka, logLevel } from 'kafkajs';
import { readOn } from '../relay.ts';
import { serve, settings } from '../serve.ts';

/* Feedback of the bare relay: answers each ExitIntended, on the same topic. */

const { brokers, topic } = settings<{ brokers: string[]; topic: string }>();
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
const producer = kafka.producer();
await producer.connect();
await readOn(kafka, { topic, as: 'middle' }, async ({ message }) => {
  const hit = JSON.parse(message.value!.toString()) as { type: string; visitorId: string };
  if (hit.type !== 'ExitIntended') return;
  const value = JSON.stringify({ ...hit, type: 'CouponOffered' });
  await producer.send({ topic, acks: -1, messages: [{ key: hit.visitorId, value }] });
});

serve(async () => ({}));
