import { AsyncLocalStorage } from 'node:async_hooks';
import { randomUUID } from 'node:crypto';

const storage = new AsyncLocalStorage<string>();

/** A W3C trace context, as `traceparent` says it. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  flags: number;
}

/** The W3C trace context (`traceparent`) of the request under way; undefined outside of one. */
export function currentTraceparent(): string | undefined {
  return storage.getStore();
}

/** Runs `work` in a trace: the caller's when its header is valid, otherwise a new one. */
export function inTrace<T>(traceparent: string | undefined, work: () => T): T {
  const valid = traceparent !== undefined && parseTraceparent(traceparent);
  return storage.run(valid ? traceparent : newTraceparent(), work);
}

/** What a `traceparent` says; undefined when it is none. */
export function parseTraceparent(traceparent: string): TraceContext | undefined {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent);
  return parts
    ? { traceId: parts[1]!, spanId: parts[2]!, flags: Number.parseInt(parts[3]!, 16) }
    : undefined;
}

function newTraceparent(): string {
  return `00-${randomHex()}-${randomHex().slice(16)}-01`;
}

/** 32 digits, 30 of them random. Node draws many at once; `randomBytes` asks the system each time. */
const randomHex = () => randomUUID().replaceAll('-', '');
