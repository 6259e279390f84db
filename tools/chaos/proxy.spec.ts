import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import type { AddressInfo, Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { freePort } from '../start/ports.ts';
import { kafkaClient, postgresUser, Proxy } from './proxy.ts';

/** A server that says everything back, behind a proxy where clients begin with their name. */
async function echo() {
  const seen: Socket[] = [];
  const server = createServer((socket) => {
    seen.push(socket);
    socket.on('error', () => undefined).pipe(socket);
  });
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const port = await freePort();
  const target = (server.address() as AddressInfo).port;
  const proxy = await Proxy.open(port, target, (first) => first.toString().split(' ')[0]!);
  const open = (): Socket => connect(port, '127.0.0.1').on('error', () => undefined);
  const close = () => {
    proxy.close();
    for (const socket of seen) socket.destroy();
    server.close();
  };
  return { proxy, open, close, seen };
}

async function answer(socket: Socket, question: string): Promise<string> {
  socket.write(question);
  return String(await once(socket, 'data'));
}

test('hands on what is said, both ways, and the end of it', async () => {
  const { open, close } = await echo();
  const shop = open();
  shop.end('shop says much');
  expect(await text(shop)).toBe('shop says much');
  close();
});

test('cuts the connections of one, also new ones, and leaves those of others', async () => {
  const { proxy, open, close } = await echo();
  const [shop, feedback] = [open(), open()];
  await Promise.all([answer(shop, 'shop 1'), answer(feedback, 'feedback 1')]);
  const cut = once(shop, 'close');
  proxy.set('shop', 'cut');
  await cut;
  const again = open();
  again.write('shop 2');
  await once(again, 'close');
  expect(await answer(feedback, 'feedback 2')).toBe('feedback 2');
  proxy.set('shop', 'whole');
  const back = open();
  expect(await answer(back, 'shop 3')).toBe('shop 3');
  for (const socket of [feedback, back]) socket.destroy();
  close();
});

test('a half-open line says nothing, not even that somebody left, for ever', async () => {
  const { proxy, open, close, seen } = await echo();
  const [shop, other] = [open(), open()];
  await answer(shop, 'shop 1');
  const server = seen[0]!;
  // Whoever speaks later is heard first: the line is silent, not slow.
  const othersAreHeard = async () => {
    for (const question of ['other 1', 'other 2', 'other 3']) {
      expect(await answer(other, question)).toBe(question);
    }
  };
  const ofServer = () => [server.destroyed, server.readableEnded, server.bytesRead];
  proxy.set('shop', 'half-open');
  shop.write('shop lost');
  await othersAreHeard();
  proxy.set('shop', 'whole');
  shop.write('shop too late');
  const back = open();
  expect(await answer(back, 'shop 2')).toBe('shop 2');
  await once(shop.resetAndDestroy(), 'close');
  await othersAreHeard();
  expect(ofServer()).toEqual([false, false, 6]);
  for (const socket of [other, back]) socket.destroy();
  close();
});

test('what is delayed stays in order, also when the delay ends', async () => {
  const { proxy, open, close } = await echo();
  const [shop, other] = [open(), open()];
  await answer(shop, 'shop ');
  proxy.set('shop', { delayMs: 300 });
  shop.write('1');
  // Who is answered after that shows that it has arrived at the proxy.
  await answer(other, 'other 1');
  await answer(other, 'other 2');
  proxy.set('shop', 'whole');
  shop.end('2');
  expect(await text(shop)).toBe('12');
  other.destroy();
  close();
});

test('knows who speaks by the first bytes', () => {
  const id = Buffer.from('ordering');
  const head = Buffer.alloc(14);
  head.writeInt16BE(id.length, 12);
  expect(kafkaClient(Buffer.concat([head, id, Buffer.from('more')]))).toBe('ordering');
  expect(kafkaClient(Buffer.from('short'))).toBe('');
  const start = Buffer.from('\0\0\0\x2a\0\x03\0\0user\0ordering\0database\0ordering\0\0');
  expect(postgresUser(start)).toBe('ordering');
});
