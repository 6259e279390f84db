import { once } from 'node:events';
import { connect, createServer, Socket } from 'node:net';
import type { AddressInfo, Server } from 'node:net';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { endOnSilence } from './silence.ts';

const LIMIT_MS = 50;
const open: Socket[] = [];
let server: Server;

/** The two ends of a connection; ours ends on silence. */
async function connected(): Promise<{ our: Socket; their: Socket }> {
  const accepted = once(server, 'connection');
  const { port } = server.address() as AddressInfo;
  const our = endOnSilence(connect(port, '127.0.0.1'), LIMIT_MS);
  const [their] = (await accepted) as [Socket];
  open.push(our, their);
  their.on('error', () => undefined);
  return { our, their };
}

beforeEach(async () => {
  server = createServer();
  await once(server.listen(0, '127.0.0.1'), 'listening');
});

afterEach(() => {
  for (const socket of open.splice(0)) socket.destroy();
  server.close();
});

it('gives up whoever does not answer', async () => {
  const { our } = await connected();
  our.write('Are you there?');
  await expect(once(our, 'data')).rejects.toThrow('no answer in 0.05 s');
});

it('gives up whoever does not answer on a connection that was opened later', async () => {
  const our = endOnSilence(new Socket(), LIMIT_MS);
  open.push(our);
  our.connect((server.address() as AddressInfo).port, '127.0.0.1');
  await once(our, 'connect');
  our.write('Are you there?');
  await expect(once(our, 'data')).rejects.toThrow('no answer in 0.05 s');
});

it('lets those be silent who were asked nothing, and those who answered', async () => {
  const [idle, answered, silent] = [await connected(), await connected(), await connected()];
  answered.our.write('Are you there?');
  answered.their.write('Yes.');
  await once(answered.our, 'data');
  // Asked last, so that the others would be given up before.
  silent.our.write('Are you there?');
  await expect(once(silent.our, 'data')).rejects.toThrow('no answer');
  expect([idle.our.destroyed, answered.our.destroyed]).toEqual([false, false]);
});

it('gives up whoever answers only one of two questions, and lets those be who owe nothing', async () => {
  let owed = 2;
  const accepted = once(server, 'connection');
  const { port } = server.address() as AddressInfo;
  const our = endOnSilence(connect(port, '127.0.0.1'), LIMIT_MS, () => owed > 0);
  const [their] = (await accepted) as [Socket];
  open.push(our, their);
  our.write('Are you there? And you?');
  their.write('Yes.');
  await once(our, 'data');
  await expect(once(our, 'data')).rejects.toThrow('no answer in 0.05 s');

  owed = 0;
  const idle = endOnSilence(connect(port, '127.0.0.1'), LIMIT_MS, () => owed > 0);
  const [other] = (await once(server, 'connection')) as [Socket];
  open.push(idle, other);
  idle.write('Are you there?');
  other.write('Yes.');
  await once(idle, 'data');
  const silent = await connected();
  silent.our.write('Are you there?'); // Asked last, so that the other would be given up before.
  await expect(once(silent.our, 'data')).rejects.toThrow('no answer');
  expect(idle.destroyed).toBe(false);
});

it('hears an answer that came while this process stood still', async () => {
  const { our, their } = await connected();
  const asked = once(their, 'data');
  our.write('Are you there?');
  await asked;
  const answer = once(our, 'data');
  their.write('Yes.');
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 3 * LIMIT_MS);
  expect(String(await answer)).toBe('Yes.');
  await nextTurn();
  expect(our.destroyed).toBe(false);
});
