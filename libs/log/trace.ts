import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

const storage = new AsyncLocalStorage<string>();

/** The W3C trace context (`traceparent`) of the request under way; undefined outside of one. */
export function currentTraceparent(): string | undefined {
  return storage.getStore();
}

/** Runs `work` in a trace: the caller's when its header is valid, otherwise a new one. */
export function inTrace<T>(traceparent: string | undefined, work: () => T): T {
  const valid =
    traceparent !== undefined && /^00-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(traceparent);
  return storage.run(valid ? traceparent : newTraceparent(), work);
}

function newTraceparent(): string {
  return `00-${randomBytes(16).toString('hex')}-${randomBytes(8).toString('hex')}-01`;
}
