import { connect } from 'node:net';
import type { Socket } from 'node:net';
import { percentile } from '../statistics.ts';
import { serve } from '../serve.ts';
import { hit } from '../hits.ts';

/*
 * HTTP load: each connection sends the next request when the last is answered. On bare sockets with
 * requests made in advance, so that it is the server that is measured.
 */

interface Load {
  port: number;
  connections: number;
  ms: number;
}

serve(async ({ port, connections, ms }: Load) => {
  const tookMs: number[] = [];
  const until = performance.now() + ms;
  const before = process.cpuUsage();
  const loops = Array.from({ length: connections }, (_, n) => post(port, n, until, tookMs));
  await Promise.all(loops);
  const { user, system } = process.cpuUsage(before);
  return {
    perSecond: tookMs.length / (ms / 1000),
    p99: percentile(tookMs, 0.99),
    loadCpu: (user + system) / 1000 / ms,
  };
});

async function post(port: number, n: number, until: number, tookMs: number[]): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1', noDelay: true });
  const request = requestOf(n);
  try {
    while (performance.now() < until) {
      const began = performance.now();
      socket.write(request);
      const status = await statusOf(socket);
      if (status !== '204') throw new Error(`POST /collect answers with ${status}`);
      tookMs.push(performance.now() - began);
    }
  } finally {
    socket.destroy();
  }
}

/** A 204 has no body: its head is all of it, and comes in one piece. */
function statusOf(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    const done = (answer: Buffer) => {
      socket.off('error', failed);
      resolve(answer.subarray(9, 12).toString());
    };
    const failed = (error: Error) => {
      socket.off('data', done);
      reject(error);
    };
    socket.once('data', done);
    socket.once('error', failed);
  });
}

function requestOf(n: number): Buffer {
  const body = JSON.stringify({ type: 'ProductViewed', ...hit(n), sku: 'SLED-01' });
  const head = [
    'POST /collect HTTP/1.1',
    'host: localhost',
    'content-type: text/plain',
    `content-length: ${Buffer.byteLength(body)}`,
  ];
  return Buffer.from(`${head.join('\r\n')}\r\n\r\n${body}`);
}
