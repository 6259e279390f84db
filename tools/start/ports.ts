import { randomInt } from 'node:crypto';
import { createServer } from 'node:net';
import type { AddressInfo, Server } from 'node:net';

function listen(port: number, host: string): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

const close = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

/** Below the ports that systems give to outgoing connections: one of those is soon somebody's. */
const LOWEST = 10_240;
const HIGHEST = 32_767;
const TRIES = 100;

/** Ports that nobody listens on; different ones, as all are held until the last is found. */
export async function freePorts(count: number): Promise<number[]> {
  const servers: Server[] = [];
  for (let tries = 0; servers.length < count && tries < count + TRIES; tries += 1) {
    const server = await listen(randomInt(LOWEST, HIGHEST + 1), '127.0.0.1');
    if (server) servers.push(server);
  }
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map(close));
  if (ports.length < count) throw new Error('The system has no free port left: close some.');
  return ports;
}

export async function freePort(): Promise<number> {
  const [port] = await freePorts(1);
  return port!;
}

/** Whether one could listen there, on this machine alone and for everyone. */
export async function isFree(port: number): Promise<boolean> {
  for (const host of ['127.0.0.1', '0.0.0.0']) {
    const server = await listen(port, host);
    if (!server) return false;
    await close(server);
  }
  return true;
}
