import { afterEach, expect, it } from '@jest/globals';
import { Agent, request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import Fastify from 'fastify';
import { Drain } from './drain.ts';

const agent = new Agent({ keepAlive: true, maxSockets: 4 });
const fastify = Fastify({ forceCloseConnections: true });
const drain = new Drain(fastify);
let answerSlow = () => {};
let slowArrived = () => {};
fastify.get(
  '/slow',
  () => new Promise((resolve) => ((answerSlow = () => resolve('slow')), slowArrived())),
);
fastify.get('/', async () => 'well');
afterEach(() => {
  agent.destroy();
  return fastify.close();
});

it('answers what comes and what is under way, and asks for another connection', async () => {
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  expect((await get('/')).headers.connection).toBe('keep-alive');
  const arrived = new Promise<void>((resolve) => (slowArrived = resolve));
  const slow = get('/slow');
  await arrived;

  let drained = false;
  const draining = drain.drain(0).then(() => (drained = true));
  const meanwhile = await get('/');
  expect(meanwhile.statusCode).toBe(200);
  expect(meanwhile.headers.connection).toBe('close');
  expect(drained).toBe(false);

  answerSlow();
  expect(await text(await slow)).toBe('slow');
  await draining;
});

function get(path: string): Promise<IncomingMessage> {
  const { port } = fastify.server.address() as { port: number };
  return new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port, path, agent }, (answer) => {
      if (path === '/') answer.resume();
      resolve(answer);
    });
    asked.on('error', reject).end();
  });
}
