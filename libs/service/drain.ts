import { setTimeout as pause } from 'node:timers/promises';
import type { FastifyInstance, FastifyRequest } from 'fastify';

/** How long requests under way may take to end, after the time in which new ones are answered. */
const UNDER_WAY_LIMIT_MS = 2000;

/**
 * Lets a door close without a request lost. Those who send requests learn late that a process is
 * about to stop: until they know, it answers them, and asks with each answer for another connection.
 */
export class Drain {
  private readonly underWay = new Set<FastifyRequest>();
  private leaving = false;
  private becameIdle = () => {};

  constructor(private readonly fastify: FastifyInstance) {
    fastify.addHook('onRequest', (request, reply, done) => {
      if (this.leaving) void reply.header('connection', 'close');
      if (!isStream(request)) this.underWay.add(request);
      done();
    });
    fastify.addHook('onResponse', (request, _reply, done) => this.ended(request, done));
    fastify.addHook('onRequestAbort', (request, done) => this.ended(request, done));
  }

  /** Answers for so many seconds, then until no request is under way. Streams are not waited for. */
  async drain(seconds: number): Promise<void> {
    this.leaving = true;
    await pause(seconds * 1000);
    if (this.underWay.size > 0) {
      const idle = new Promise<void>((resolve) => (this.becameIdle = resolve));
      await Promise.race([idle, pause(UNDER_WAY_LIMIT_MS, undefined, { ref: false })]);
    }
    this.fastify.server.closeIdleConnections();
  }

  private ended(request: FastifyRequest, done: () => void): void {
    this.underWay.delete(request);
    if (this.underWay.size === 0) this.becameIdle();
    done();
  }
}

/** Server-sent events end when the process does; the browser comes back by itself, elsewhere. */
export function isStream({ headers }: FastifyRequest): boolean {
  return headers.accept?.includes('text/event-stream') ?? false;
}
