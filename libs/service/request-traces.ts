import type { FastifyInstance, FastifyRequest } from 'fastify';
import { inTrace } from '#log/trace';

/** Every request is in a trace, the caller's or one of its own; events on the log carry it on. */
export function traceRequests(fastify: FastifyInstance): void {
  fastify.addHook('onRequest', (request, _reply, done) => inTrace(traceparentOf(request), done));
}

/** The trace context of whoever asks. */
export function traceparentOf({ headers: { traceparent } }: FastifyRequest): string | undefined {
  return typeof traceparent === 'string' ? traceparent : undefined;
}
