import { createServer } from 'node:http';
import type { Server } from 'node:http';
import type { FastifyInstance } from 'fastify';

/** What an orchestrator and Prometheus ask, and nobody else. */
export const HEALTH_ROUTES = new Set(['/healthz', '/readyz', '/metrics']);

/**
 * Gives health and metrics a port of their own. The port for people then knows nothing of them, so
 * that no Ingress can let the public see them; and this one knows nothing else. Call before the
 * application starts, and listen with the result afterwards.
 */
export function healthServer(fastify: FastifyInstance): Server {
  const server = createServer((request, reply) => fastify.routing(request, reply));
  fastify.addHook('onRequest', (request, reply, done) => {
    const { localPort } = request.socket;
    const inside = localPort === (server.address() as { port: number } | null)?.port;
    // By the route, not by the path: a path can be written in many ways.
    if (HEALTH_ROUTES.has(request.routeOptions.url ?? '') === inside) return done();
    void reply.status(404).send({ error: 'There is nothing at this address.' });
  });
  return server;
}
