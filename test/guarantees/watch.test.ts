import { join } from 'node:path';
import { randomUUID } from 'node:crypto';
import { PageViewed, visitors } from '#contracts/visitors';
import { connectKafka } from '#log/kafka';
import { LogTail } from '#log/log.module';
import { silent } from '#log/log-sink';
import { createTopics } from '#log/topics';
import { LogWriter } from '#log/writer';
import { startBroker } from '../../tools/kafka/broker.ts';
import { freePorts } from '../../tools/start/ports.ts';
import { until } from '../log-harness.ts';

it('watches a log that was away when it began to, once it is there again', async () => {
  const [port, controllerPort] = (await freePorts(2)) as [number, number];
  const dir = join(process.env.TEST_DIR!, 'watched-broker');
  const broker = await startBroker({ dir, port, controllerPort });
  await createTopics(broker.brokers, undefined, [visitors]);
  await broker.stop();
  const warnings: string[] = [];
  const sink = { ...silent, warn: (line: string) => void warnings.push(line) };
  const log = new LogTail(connectKafka(broker.brokers, 'watch-test', silent), 'shop', sink);
  const seen: unknown[] = [];
  const watching = log.watch([visitors], 'now', ({ event }) => void seen.push(event?.data));
  await until('it was tried in vain', async () => warnings.length > 0);
  expect(warnings[0]).toMatch(/^The log cannot be watched yet: /);
  await broker.restart();
  const watch = await watching;
  const writer = await LogWriter.connect({ brokers: broker.brokers, service: 'collector' });
  const visitorId = randomUUID();
  await writer.append([PageViewed({ ...hit, visitorId })]);
  await until('it sees what comes', async () => seen.length > 0);
  expect(seen).toEqual([expect.objectContaining({ visitorId })]);
  await Promise.all([watch.close(), writer.close()]);
  await broker.stop();
}, 120_000);

const hit = { sessionId: 's', tab: 't', hit: 1, site: 'shop', url: 'http://localhost/' };
