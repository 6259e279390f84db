import type { FastifyInstance } from 'fastify';
import { Histogram } from 'prom-client';
import { isStream } from './drain.ts';
import { HEALTH_ROUTES } from './health-port.ts';

/** Labels are bounded: the routes of a service, five kinds of answers. */
const requestSeconds = new Histogram({
  name: 'http_request_duration_seconds',
  help: 'Time from a request to the end of its answer; live channels and health are left out.',
  labelNames: ['method', 'route', 'status'],
  buckets: [0.005, 0.02, 0.1, 0.5, 2],
});

/** Measures what people and other machines ask of a service. */
export function measureRequests(fastify: FastifyInstance): void {
  fastify.addHook('onResponse', (request, reply, done) => {
    const { method, routeOptions } = request;
    const route = routeOptions.url ?? 'nowhere';
    if (!isStream(request) && !HEALTH_ROUTES.has(route)) {
      const status = `${Math.floor(reply.statusCode / 100)}xx`;
      requestSeconds.observe({ method, route, status }, reply.elapsedTime / 1000);
    }
    done();
  });
}
