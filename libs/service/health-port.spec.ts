import { afterEach, beforeEach, expect, it } from '@jest/globals';
import { once } from 'node:events';
import type { Server } from 'node:http';
import Fastify from 'fastify';
import type { FastifyInstance } from 'fastify';
import { healthServer } from './health-port.ts';

let fastify: FastifyInstance;
let inside: Server;
beforeEach(async () => {
  fastify = Fastify({ forceCloseConnections: true });
  inside = healthServer(fastify);
  fastify.get('/metrics', async () => 'numbers');
  fastify.get('/readyz', async () => 'ready');
  fastify.get('/*', async () => 'a page');
  await fastify.listen({ port: 0, host: '127.0.0.1' });
  await once(inside.listen(0, '127.0.0.1'), 'listening');
});
afterEach(async () => {
  inside.closeAllConnections();
  inside.close();
  await fastify.close();
});

it('answers health and metrics there, and nothing else', async () => {
  expect(await ask(inside, '/metrics')).toEqual([200, 'numbers']);
  expect(await ask(inside, '/readyz')).toEqual([200, 'ready']);
  expect((await ask(inside, '/cart'))[0]).toBe(404);
});

it.each(['/metrics', '/readyz', '/%6detrics', '/metrics?x=1'])(
  'the port for people does not know %s',
  async (path) => {
    expect(await ask(fastify.server, path)).toEqual([
      404,
      '{"error":"There is nothing at this address."}',
    ]);
    expect(await ask(fastify.server, '/cart')).toEqual([200, 'a page']);
  },
);

async function ask(server: Server, path: string): Promise<[status: number, body: string]> {
  const { port } = server.address() as { port: number };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`);
  return [answer.status, await answer.text()];
}
