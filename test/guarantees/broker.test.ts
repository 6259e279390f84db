import { join } from 'node:path';
import { Kafka, logLevel } from 'kafkajs';
import { startBroker } from '../../tools/kafka/broker.ts';
import { freePorts } from '../../tools/start/ports.ts';

it('is there again at its first start after it was killed', async () => {
  const [port, controllerPort] = (await freePorts(2)) as [number, number];
  const dir = join(process.env.TEST_DIR!, 'killed-broker');
  const broker = await startBroker({ dir, port, controllerPort });
  const admin = new Kafka({ brokers: broker.brokers, logLevel: logLevel.NOTHING }).admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }] });
  await broker.kill();
  await broker.restart();
  expect(await admin.listTopics()).toEqual(['kept']);
  await admin.disconnect();
  await broker.stop();
}, 120_000);
