import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newTraceparent, parseTraceparent } from '#log/trace';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The W3C trace context that events on the log carry on. With the request, and handed on by whoever
     * appends: an AsyncLocalStorage would cost each promise of the process, also those of no request.
     */
    traceparent: string;
  }
}

/** Every request is in a trace, the caller's or one of its own. */
export function traceRequests(fastify: FastifyInstance): void {
  putInTraces(fastify, (request) => traceparentOf(request) ?? newTraceparent());
}

/** `of`: the trace of a request that has just come. */
export function putInTraces(
  fastify: FastifyInstance,
  of: (request: FastifyRequest) => string,
): void {
  fastify.decorateRequest('traceparent', '');
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.traceparent = of(request);
    done();
  });
}

/** The trace context of whoever asks; undefined when there is none, or one that is not valid. */
export function traceparentOf({ headers: { traceparent } }: FastifyRequest): string | undefined {
  return typeof traceparent === 'string' && parseTraceparent(traceparent) ? traceparent : undefined;
}
