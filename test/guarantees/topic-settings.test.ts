import { ConfigResourceTypes } from 'kafkajs';
import { createTopics, verifyTopics } from '#log/topics';
import type { Topic } from '#contracts/contract';
import { brokers, ownTopic, until, withAdmin } from '../log-harness.ts';

/* Settings of topics, as the contracts have them and as somebody changed them on the broker. */

const declared = { 'retention.ms': '-1', 'message.timestamp.type': 'LogAppendTime' };

/** These settings, and the broker's defaults for all others: so kafkajs alters them. */
const change = (name: string, settings: Record<string, string>) =>
  withAdmin((admin) => {
    const configEntries = Object.entries(settings).map(([key, value]) => ({ name: key, value }));
    return admin.alterConfigs({
      validateOnly: false,
      resources: [{ type: ConfigResourceTypes.TOPIC, name, configEntries }],
    });
  });

const verify = (topic: Topic) =>
  withAdmin((admin) => verifyTopics(admin, [topic])).catch(({ message }: Error) => message);

/** What `ask` says once the broker has the changed settings. */
const toldBy = <T>(ask: () => Promise<T | false>) => until('the broker has the settings', ask);

/** Whoever creates topics checks all. */
async function mend(topic: Topic): Promise<void> {
  await change(topic.name, declared);
  await toldBy(async () => (await verify(topic)).length === 0);
}

it('reports what a topic keeps otherwise than its contract, with the command that mends it', async () => {
  const topic = await ownTopic();
  expect(await verify(topic)).toEqual([]);
  await change(topic.name, { ...declared, 'retention.ms': '1000', 'min.insync.replicas': '2' });
  const sentences = await toldBy(async () => {
    const { drifts } = await createTopics(brokers);
    return drifts.length > 0 && drifts;
  });
  const command = `kafka-configs.sh --bootstrap-server $KAFKA_BROKERS --alter --topic ${topic.name}`;
  expect(sentences).toEqual([
    `The topic ${topic.name} has retention.ms=1000, its contract says -1. Mend it with ${command} ` +
      '--add-config retention.ms=-1',
    `The topic ${topic.name} has min.insync.replicas=2, its contract says 1. Mend it with ${command} ` +
      '--add-config min.insync.replicas=1',
  ]);
  await mend(topic);
});

it.each([
  ['cleanup.policy', 'compact', 'delete'],
  ['message.timestamp.type', 'CreateTime', 'LogAppendTime'],
])('refuses a topic with another %s', async (setting, value, wanted) => {
  const topic = await ownTopic();
  await change(topic.name, { ...declared, [setting]: value });
  const sentence = await toldBy(async () => {
    const said = await verify(topic);
    return typeof said === 'string' && said;
  });
  expect(sentence).toContain(
    `The topic ${topic.name} has ${setting}=${value}, its contract says ${wanted}. Mend it with`,
  );
  await mend(topic);
});
