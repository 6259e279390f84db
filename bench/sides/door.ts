import Fastify from 'fastify';
import { Kafka, logLevel } from 'kafkajs';
import type { Message } from 'kafkajs';

/*
 * A bare Fastify route in the place of the collector: parses the body, and (DOOR=append) appends
 * it by raw kafkajs; what comes while a send is on its way goes with the next.
 */

const { KAFKA_BROKERS = '', PORT, DOOR } = process.env;
const producer = new Kafka({
  brokers: KAFKA_BROKERS.split(','),
  logLevel: logLevel.NOTHING,
}).producer();
if (DOOR === 'append') await producer.connect();
let waiting: Message[] = [];
let sending: Promise<void> | null = null;
let next: Promise<void> | null = null;

function append(message: Message): Promise<void> {
  waiting.push(message);
  return (next ??= (sending ?? Promise.resolve()).then(send));
}

function send(): Promise<void> {
  const messages = waiting;
  waiting = [];
  next = null;
  sending = producer.send({ topic: 'visitors', acks: -1, messages }).then(() => undefined);
  return sending;
}

const app = Fastify({ logger: false });
app.removeAllContentTypeParsers();
app.addContentTypeParser('*', { parseAs: 'buffer' }, (_request, body, done) => done(null, body));
app.get('/readyz', async () => ({ status: 'ok' }));
app.post('/collect', async ({ body }, reply) => {
  const value = body as Buffer;
  const { visitorId } = JSON.parse(value.toString()) as { visitorId: string };
  if (DOOR === 'append') await append({ key: visitorId, value });
  return reply.status(204).send();
});
await app.listen({ port: Number(PORT), host: '127.0.0.1' });
