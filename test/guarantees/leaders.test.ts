import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Admin } from 'kafkajs';
import { badTrackOf } from '#contracts/bad';
import { allPartitions, stream } from '#contracts/contract';
import { connectKafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import { Producer } from '#log/producer';
import { spansOf } from '#log/read-span';
import { createTopics } from '#log/topics';
import { startBrokers } from '../../tools/kafka/broker.ts';
import type { Broker } from '../../tools/kafka/broker.ts';
import { freePorts } from '../../tools/start/ports.ts';
import { readAll, until, withAdmin } from '../log-harness.ts';

const MOVES = 4;

it('has everything on the log that was acknowledged while leaders moved between brokers', async () => {
  const cluster = await startCluster(3);
  const brokers = cluster.flatMap((broker) => broker.brokers);
  const producer = new Producer(connectKafka(brokers, 'leaders-test', silent));
  const sending = { on: true };
  try {
    const topic = stream(`test-${randomUUID()}`, { key: 'id' });
    badTrackOf(topic.name);
    await createTopics(brokers);
    await producer.connect();
    const acknowledged = new Set<string>();
    const sends = (async () => {
      while (sending.on) {
        const ids = allPartitions.map(() => randomUUID());
        const records = ids.map((id, partition) => recordOf(topic.name, partition, id));
        // What is refused may be there or not; whoever has it sends it again.
        const taken = await producer.send(records).then(
          () => true,
          () => false,
        );
        if (taken) for (const id of ids) acknowledged.add(id);
        await pause(5);
      }
    })();
    const endsOf = () => withAdmin((admin) => spansOf(admin, [topic.name]), brokers);
    let asked = 0;
    const asks = (async () => {
      for (; sending.on; asked += 1) await endsOf();
    })();
    for (let move = 0; move < MOVES; move += 1) {
      const goal = acknowledged.size + 300;
      await until('they are taken', async () => acknowledged.size > goal);
      await withAdmin((admin) => moveLeaders(admin, topic.name, move), brokers);
    }
    sending.on = false;
    await Promise.all([sends, asks]);
    expect(asked).toBeGreaterThan(MOVES); // And nobody who asked where it ends was refused.
    const there = new Set((await readAll(topic.name, brokers)).map(({ value }) => `${value}`));
    expect([...acknowledged].filter((id) => !there.has(id))).toEqual([]);
  } finally {
    sending.on = false;
    await producer.close();
    await Promise.all(cluster.map((broker) => broker.stop()));
  }
}, 120_000);

const recordOf = (topic: string, partition: number, id: string) => {
  const rest = { type: 'Test', lane: null, sequence: null };
  return { topic, partition, key: id, value: id, ...rest };
};

/** Half of the partitions, in turn, go to brokers that do not lead them. */
async function moveLeaders(admin: Admin, topic: string, turn: number): Promise<void> {
  const leaders = async () => {
    const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
    return topics[0]!.partitions.filter(({ partitionId }) => partitionId % 2 === turn % 2);
  };
  const before = new Map((await leaders()).map((each) => [each.partitionId, each.leader]));
  const partitionAssignment = [...before].map(([partition, leader]) => ({
    partition,
    replicas: [1, 2, 3].filter((node) => node !== leader),
  }));
  await admin.alterPartitionReassignments({ topics: [{ topic, partitionAssignment }] });
  await until('others lead', async () =>
    (await leaders()).every(
      ({ partitionId, leader }) => leader > 0 && leader !== before.get(partitionId),
    ),
  );
}

async function startCluster(count: number): Promise<Broker[]> {
  const ports = await freePorts(2 * count);
  const node = (i: number) => ({
    dir: join(process.env.TEST_DIR!, `leaders-${i + 1}`),
    port: ports[i]!,
    controllerPort: ports[count + i]!,
  });
  return startBrokers(Array.from({ length: count }, (_, i) => node(i)));
}
