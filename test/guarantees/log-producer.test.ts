import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { Kafka, logLevel } from 'kafkajs';
import { z } from 'zod';
import type { Topic } from '#contracts/contract';
import type { PlacedRecord } from '#log/producer';
import { Producer } from '#log/producer';
import { brokers, ownTopic, readAll } from '../log-harness.ts';

/** A wire to the broker that can swallow answers and then break. */
class Wire {
  swallowAnswers = false;
  private readonly sockets = new Set<Socket>();
  private readonly server = createServer((client) => this.join(client));

  async open(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve));
  }

  /** For kafkajs: every connection goes through this wire. */
  readonly socketFactory = ({ onConnect }: { onConnect: () => void }) => {
    const { port } = this.server.address() as AddressInfo;
    return connect({ host: '127.0.0.1', port }, onConnect);
  };

  close(): void {
    for (const socket of this.sockets) socket.destroy();
    this.server.close();
  }

  private join(client: Socket): void {
    const [host, port] = brokers[0]!.split(':');
    const broker = connect({ host, port: Number(port) });
    for (const socket of [client, broker]) {
      this.sockets.add(socket);
      socket.on('error', () => socket.destroy());
      socket.on('close', () => {
        client.destroy();
        broker.destroy();
      });
    }
    client.pipe(broker);
    broker.on('data', (answer) => {
      if (!this.swallowAnswers) return void client.write(answer);
      this.swallowAnswers = false;
      client.destroy(); // The broker has done the work; nobody hears of it.
    });
  }
}

describe('the producer, when an answer is lost', () => {
  const wire = new Wire();
  let topic: Topic;

  beforeAll(async () => {
    await wire.open();
    topic = await ownTopic();
    topic.event('Noted', 'Something to append.', { writer: 'test' }, { id: z.string() });
  });
  afterAll(() => wire.close());

  const record = (n: number): PlacedRecord => ({
    topic: topic.name,
    partition: 0,
    key: 'k',
    type: 'Noted',
    lane: 'a',
    sequence: [n, 0],
    value: `${n}`,
  });
  const connected = async (retries: number) => {
    const client = new Kafka({
      brokers,
      logLevel: logLevel.NOTHING,
      socketFactory: wire.socketFactory as never,
    });
    const producer = new Producer(client, { retries });
    await producer.send([record(0)]);
    return producer;
  };
  const onTheLog = async () => (await readAll(topic.name)).map(({ value }) => Number(value));

  it('has both the event that failed and the next, in order', async () => {
    const producer = await connected(0);
    wire.swallowAnswers = true;
    await expect(producer.send([record(1)])).rejects.toThrow();
    await producer.send([record(2)]);
    await producer.close();
    expect(await onTheLog()).toEqual([0, 1, 2]);
  });

  it('sends again what was not answered, before anything later', async () => {
    const before = (await onTheLog()).length;
    const producer = await connected(4);
    wire.swallowAnswers = true;
    await Promise.all([producer.send([record(1)]), producer.send([record(2)])]);
    await producer.send([record(3)]);
    await producer.close();
    expect((await onTheLog()).slice(before)).toEqual([0, 1, 2, 1, 2, 3]);
  });
});
