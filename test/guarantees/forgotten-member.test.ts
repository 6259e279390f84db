import { connect, Socket } from 'node:net';
import type { DataSource } from 'typeorm';
import { Kafka, logLevel } from 'kafkajs';
import { silent } from '#log/log-sink';
import {
  append,
  brokers,
  isAtEnd,
  ownDatabase,
  ownTopic,
  runProcessors,
  surroundings,
  until,
  withAdmin,
} from '../log-harness.ts';
import { toy } from './tally.ts';

/** Numbers of requests, https://kafka.apache.org/protocol#protocol_api_keys */
const [JOIN_GROUP, LEAVE_GROUP] = [11, 13];

/** A client whose next requests to join a group meet a connection that has ended. */
class Client {
  cuts = 0;
  readonly kafka = new Kafka({
    brokers,
    logLevel: logLevel.NOTHING,
    retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 8 },
    socketFactory: ({ host, port, onConnect }) => this.watch(connect({ host, port }, onConnect)),
  });

  private watch(socket: Socket): Socket {
    const write = socket.write.bind(socket) as (...what: unknown[]) => boolean;
    socket.write = ((request: Buffer, ...rest: unknown[]) => {
      if (this.cuts > 0 && request.readInt16BE(4) === JOIN_GROUP) {
        this.cuts -= 1;
        socket.destroy(new Error('the connection was cut'));
        return false;
      }
      return write(request, ...rest);
    }) as Socket['write'];
    return socket;
  }
}

describe('a member that its group has forgotten', () => {
  let source: DataSource;
  let stop: () => Promise<void> = async () => undefined;
  afterEach(async () => {
    await stop();
    await source.destroy();
  });

  it('joins again, also when the connection ends as it does', async () => {
    const topic = await ownTopic();
    const { Added, tally } = toy(topic);
    source = await ownDatabase([tally]);
    const client = new Client();
    const warnings: string[] = [];
    const sink = { ...silent, warn: (line: string) => void warnings.push(line) };
    const around = { ...(await surroundings(source)), client: client.kafka, sink };
    stop = await runProcessors(around, [tally]);
    await append('test', [Added({ id: 'a', n: 1 })]);
    await until('the end', () => isAtEnd(source, tally.name, topic.name));

    const [member] = await membersOf(tally.name);
    client.cuts = 1;
    await leave(tally.name, member!);
    await until('the connection is cut', async () => client.cuts === 0);
    await until('another member', async () => {
      const members = await membersOf(tally.name);
      return members.length === 1 && members[0] !== member;
    });
    expect(warnings).toContainEqual(expect.stringMatching(/stopped reading/));
    await append('test', [Added({ id: 'a', n: 1 })]);
    await until('the end', () => isAtEnd(source, tally.name, topic.name));
  });
});

function membersOf(group: string): Promise<string[]> {
  return withAdmin(async (admin) => {
    const { groups } = await admin.describeGroups([group]);
    return groups[0]!.members.map(({ memberId }) => memberId);
  });
}

/** Takes a member out of its group without its knowledge, as the broker does with one that is silent. */
async function leave(group: string, member: string): Promise<void> {
  const text = (value: string) => {
    const length = Buffer.alloc(2);
    length.writeInt16BE(Buffer.byteLength(value));
    return Buffer.concat([length, Buffer.from(value)]);
  };
  const head = Buffer.alloc(12);
  head.writeInt16BE(LEAVE_GROUP, 4);
  const request = Buffer.concat([head, text('test'), text(group), text(member)]);
  request.writeInt32BE(request.length - 4, 0);
  const [host, port] = brokers[0]!.split(':') as [string, string];
  const socket = connect(Number(port), host);
  await new Promise((resolve, reject) => {
    socket.once('data', resolve).once('error', reject);
    socket.write(request);
  });
  socket.destroy();
}
