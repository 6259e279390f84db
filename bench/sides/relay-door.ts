import { createServer } from 'node:http';
import type { ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { Kafka, logLevel } from 'kafkajs';
import { readOn } from '../relay.ts';
import { serve, settings } from '../serve.ts';

/*
 * Collector and live channel of the bare relay: what is posted goes on the topic, and what the relay
 * answers there goes to whoever listens. No check, no state, no database, nothing kept.
 */

const { brokers, topic } = settings<{ brokers: string[]; topic: string }>();
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
const producer = kafka.producer();
const listening = new Map<string, ServerResponse>();

const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic, numPartitions: 6 }], waitForLeaders: true });
await admin.disconnect();
await producer.connect();
await readOn(kafka, { topic, as: 'door' }, async ({ message }) => {
  const { type, visitorId } = JSON.parse(message.value!.toString());
  if (type !== 'CouponOffered') return;
  listening.get(visitorId)?.write('event: me\ndata: {"offer":{"code":"STAY10-BENCH"}}\n\n');
});

const server = createServer(async (request, response) => {
  if (request.method === 'GET') {
    const [, visitorId] = /visitor=([^;]+)/.exec(request.headers.cookie ?? '') ?? [];
    response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1000\n\n');
    listening.set(visitorId!, response);
    response.on('close', () => listening.delete(visitorId!));
    return;
  }
  const hits = [JSON.parse(await text(request))].flat() as { visitorId: string }[];
  const messages = hits.map((hit) => ({ key: hit.visitorId, value: JSON.stringify(hit) }));
  await producer.send({ topic, acks: -1, messages });
  response.writeHead(204).end();
});
await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

serve(async () => ({ port: (server.address() as AddressInfo).port }));
