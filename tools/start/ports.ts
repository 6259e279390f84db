import { randomInt } from 'node:crypto';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import type { Server } from 'node:net';

function listen(port: number, host: string): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(null));
    server.listen({ port, host, exclusive: true }, () => resolve(server));
  });
}

const close = (server: Server) => new Promise<void>((resolve) => server.close(() => resolve()));

/** Below the ports that systems give to outgoing connections: one of those is soon somebody's. */
const RANGE = { lowest: 10_240, highest: 32_767 };
const TRIES = 100;

/** Ports that nobody listens on, each given to nobody else while this process lives. */
export async function freePorts(count: number, range = RANGE): Promise<number[]> {
  const ports: number[] = [];
  for (let tries = 0; ports.length < count && tries < count + TRIES; tries += 1) {
    const port = randomInt(range.lowest, range.highest + 1);
    if (await claim(port)) ports.push(port);
  }
  if (ports.length < count) throw new Error('The system has no free port left: close some.');
  return ports;
}

/**
 * A broker listens some seconds after its port was chosen, and whoever else chooses meanwhile must not
 * come upon the same. The sign that it is taken is a UDP socket of the same number: it is in no
 * server's way, and goes with the process.
 */
async function claim(port: number): Promise<boolean> {
  const server = await listen(port, '127.0.0.1');
  if (!server) return false;
  const isOurs = await new Promise<boolean>((resolve) => {
    const socket = createSocket('udp4').unref();
    socket.once('error', () => socket.close(() => resolve(false)));
    socket.bind({ port, address: '127.0.0.1', exclusive: true }, () => resolve(true));
  });
  await close(server);
  return isOurs;
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
