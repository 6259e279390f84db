// @ts-expect-error -- kafkajs has types for its doors only.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

interface Queue {
  readonly pending: readonly unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs 2.2.4 looks on every connection for requests held back, every millisecond, for as long as it
 * lives, also when there are none: 3 % of a core for each idle service (docs/decisions/0015).
 * With this it looks while there are some. Touches every client of the process.
 */
export function letIdleConnectionsRest(): void {
  const queue = (RequestQueue as { prototype: Queue }).prototype;
  const { scheduleCheckPendingRequests } = queue;
  queue.scheduleCheckPendingRequests = function schedule() {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
}
