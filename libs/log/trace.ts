import { randomFillSync } from 'node:crypto';

/** A W3C trace context, as `traceparent` says it. */
export interface TraceContext {
  traceId: string;
  spanId: string;
  flags: number;
}

/** What a `traceparent` says; undefined when it is none. */
export function parseTraceparent(traceparent: string): TraceContext | undefined {
  const parts = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(traceparent);
  return parts
    ? { traceId: parts[1]!, spanId: parts[2]!, flags: Number.parseInt(parts[3]!, 16) }
    : undefined;
}

const ID_BYTES = 24;
/** Drawn for many at once: to ask the system each time was a tenth of what a hit costs the collector. */
const drawn = Buffer.alloc(256 * ID_BYTES);
let at = drawn.length;

/** The `traceparent` of a trace that begins here, sampled. */
export function newTraceparent(): string {
  if (at === drawn.length) {
    randomFillSync(drawn);
    at = 0;
  }
  const ids = drawn.toString('hex', at, (at += ID_BYTES));
  return `00-${ids.slice(0, 32)}-${ids.slice(32)}-01`;
}
