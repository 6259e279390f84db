import { jest } from '@jest/globals';
// @ts-expect-error -- kafkajs has types for its doors only.
import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';
import './kafka.ts';

interface Request {
  entry: { correlationId: number };
  expectResponse: boolean;
  sendRequest: () => void;
}

interface Queue {
  push(request: Request): void;
  fulfillRequest(answer: { correlationId: number; payload: Buffer; size: number }): void;
  maybeThrottle(ms: number): void;
  destroy(): void;
}

let queue: Queue;
beforeEach(() => {
  const logger = { debug() {}, warn() {} };
  const settings = { clientId: 'test', broker: 'nobody:9092', isConnected: () => true, logger };
  const limits = { requestTimeout: 1000, enforceRequestTimeout: false, maxInFlightRequests: null };
  queue = new (RequestQueue as new (settings: object) => Queue)({ ...settings, ...limits });
});
afterEach(() => {
  queue.destroy();
  jest.restoreAllMocks();
});

const request = (sendRequest: () => void): Request => ({
  entry: { correlationId: 1 },
  expectResponse: true,
  sendRequest,
});

test('a connection without requests waits for nothing', () => {
  const wait = jest.spyOn(globalThis, 'setTimeout');
  queue.fulfillRequest({ correlationId: 1, payload: Buffer.of(), size: 0 });
  expect(wait).not.toHaveBeenCalled();
});

test('what the broker asks to hold back is sent later', async () => {
  queue.maybeThrottle(20);
  const began = Date.now();
  await new Promise<void>((sent) => queue.push(request(sent)));
  expect(Date.now() - began).toBeGreaterThanOrEqual(19);
});
