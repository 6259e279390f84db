import type { FastifyInstance, FastifyRequest } from 'fastify';
import { newTraceparent, parseTraceparent } from '#log/trace';
import type { TraceContext } from '#log/trace';

declare module 'fastify' {
  interface FastifyRequest {
    /**
     * The W3C trace context that events on the log carry on. With the request, and handed on by whoever
     * appends: an AsyncLocalStorage would cost each promise of the process, also those of no request.
     */
    traceparent: string;
  }
}

/** Every request is in a trace: as `of` says when it has just come. */
export function traceRequests(
  fastify: FastifyInstance,
  of: (request: FastifyRequest) => string = traceparentOf,
): void {
  fastify.decorateRequest('traceparent', '');
  fastify.addHook('onRequest', (request, _reply, done) => {
    request.traceparent = of(request);
    done();
  });
}

/** The trace of whoever asks, or a new one. */
export function traceparentOf(request: FastifyRequest): string {
  return callerOf(request) ? (request.headers.traceparent as string) : newTraceparent();
}

/** The trace context of whoever asks; undefined when there is none, or one that is not valid. */
export function callerOf({ headers: { traceparent } }: FastifyRequest): TraceContext | undefined {
  return typeof traceparent === 'string' ? parseTraceparent(traceparent) : undefined;
}
