import { randomUUID } from 'node:crypto';
import type { DataSource } from 'typeorm';
import { stream } from '#contracts/contract';
import type { Topic } from '#contracts/contract';
import { ProcessorWork } from '#log/processor-work';
import type { Processor } from '#log/processor';
import { verifyTopics } from '#log/topics';
import { verifyPositions } from '#log/verify-positions';
import { append, ownDatabase, ownTopic, until, withAdmin } from '../log-harness.ts';
import { toy } from './tally.ts';

describe('refused at start, with a sentence', () => {
  let source: DataSource;
  let topic: Topic;
  let tally: Processor;
  let Added: ReturnType<typeof toy>['Added'];
  beforeAll(async () => {
    topic = await ownTopic();
    ({ Added, tally } = toy(topic));
    source = await ownDatabase([tally]);
  });
  afterAll(() => source.destroy());
  const verify = (cluster: string, dataSource = source) =>
    withAdmin((admin) =>
      verifyPositions(admin, [new ProcessorWork(tally)], { dataSource, cluster }),
    );
  const standAt = (offset: number) =>
    source.query(
      `insert into log_positions values ($1, $2, 0, 'here', $3, 0, 0, null, 1)
       on conflict (group_name, topic, partition) do update set next_offset = $3`,
      [tally.name, topic.name, offset],
    );

  it('a position outside the log', async () => {
    await standAt(5);
    await expect(verify('here')).rejects.toThrow(
      /is at offset 5 of test-.*-0, but the log has 0 to 0.*--fresh/,
    );
  });

  it('but not what another replica reads meanwhile', async () => {
    const meanwhile = async (...asked: Parameters<DataSource['query']>) => {
      await append(
        'test',
        Array.from({ length: 100 }, (_, i) => Added({ id: `${i}`, n: 1 })),
      );
      await standAt(1);
      return source.query(...asked);
    };
    const ends = await verify('here', { query: meanwhile } as DataSource);
    expect(ends.get(topic.name)).toHaveLength(6);
  });

  it('a position of another cluster', async () => {
    await standAt(0);
    await expect(verify('elsewhere')).rejects.toThrow(
      /in the Kafka cluster here; this is elsewhere/,
    );
  });

  it('a topic with other settings than its contract', async () => {
    const name = `test-${randomUUID()}`;
    const declared = stream(name, { key: 'id' });
    await withAdmin(async (admin) => {
      await admin.createTopics({
        waitForLeaders: true,
        topics: [
          {
            topic: name,
            numPartitions: 6,
            configEntries: [{ name: 'cleanup.policy', value: 'compact' }],
          },
        ],
      });
      const sentence = await until('the topic is known', () =>
        verifyTopics(admin, [declared]).then(
          () => 'no objection',
          ({ message }: Error) => !/does not host/.test(message) && message,
        ),
      );
      expect(sentence).toMatch(`${name} has cleanup.policy=compact, its contract says delete`);
      await admin.deleteTopics({ topics: [name] });
    });
  });
});
