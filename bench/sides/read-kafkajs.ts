import { randomUUID } from 'node:crypto';
import { Kafka, logLevel } from 'kafkajs';
import { visitors } from '#contracts/visitors';
import { Count, serve, settings } from '../serve.ts';

/* Reads a topic with nothing but the client library, and parses each record. */

const { brokers, count } = settings<{ brokers: string[]; count: number }>();
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });

serve(async () => {
  const read = new Count(count);
  const consumer = kafka.consumer({ groupId: `raw-${randomUUID()}`, maxWaitTimeInMs: 500 });
  await consumer.connect();
  await consumer.subscribe({ topics: [visitors.name], fromBeginning: true });
  await consumer.run({
    partitionsConsumedConcurrently: 6,
    eachBatch: async ({ batch }) => {
      for (const { value } of batch.messages) {
        JSON.parse(value!.toString());
        read.add();
      }
    },
  });
  await read.done;
  await consumer.disconnect();
  return { perSecond: read.perSecond() };
});
