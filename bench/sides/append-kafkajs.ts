import { Kafka, logLevel } from 'kafkajs';
import { envelope } from '../envelope.ts';
import { appending, serve, settings } from '../serve.ts';
import type { Appending } from '../serve.ts';

/* Appends the same events by kafkajs as it comes: a send for each, or one for a batch. */

const { brokers } = settings<{ brokers: string[] }>();
const producer = new Kafka({ brokers, logLevel: logLevel.NOTHING }).producer();
await producer.connect();
let n = 0;
const message = () => envelope((n += 1));
const batch = () => Array.from({ length: 1000 }, message);

serve(({ mode, ms }: Appending) =>
  mode === 'single'
    ? appending(200, ms, () => send([message()]))
    : appending(1, ms, () => send(batch())),
);

async function send(messages: ReturnType<typeof message>[]): Promise<number> {
  await producer.send({ topic: 'visitors', acks: -1, messages });
  return messages.length;
}
