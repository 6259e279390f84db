/** A member that dies as the leader of its group's second round, before it hands out partitions. */
import kafkajs from 'kafkajs';

const [brokers, groupId, topic] = process.argv.slice(2);
const { Kafka, PartitionAssigners, logLevel } = kafkajs;
let rounds = 0;

function assigner(cluster) {
  const roundRobin = PartitionAssigners.roundRobin(cluster);
  const assign = (members) => {
    rounds += 1;
    if (rounds === 2) process.kill(process.pid, 'SIGKILL');
    return roundRobin.assign(members);
  };
  return { ...roundRobin, assign };
}

const client = new Kafka({ brokers: brokers.split(','), logLevel: logLevel.NOTHING });
const consumer = client.consumer({
  groupId,
  sessionTimeout: 6000,
  heartbeatInterval: 200,
  maxWaitTimeInMs: 200,
  partitionAssigners: [assigner],
});
consumer.on(consumer.events.GROUP_JOIN, () => process.send('joined'));
await consumer.connect();
await consumer.subscribe({ topics: [topic] });
await consumer.run({ autoCommit: false, eachBatch: async () => {} });
