import { connect } from 'node:net';
import { statfsSync } from 'node:fs';
import { isFree } from './ports.ts';
import type { NamedPort } from './settings.ts';

const leastFreeBytes = 500_000_000;
const diskFull = 'The disk is full: free some space and start again.';

/** The sentence that a person sees for an error, whatever it was. */
export function sentenceOf(error: unknown): string {
  const { code, message } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' ? diskFull : message;
}

export function checkDisk(dir: string): void {
  const { bavail, bsize } = statfsSync(dir);
  const free = bavail * bsize;
  if (free >= leastFreeBytes) return;
  const megabytes = Math.floor(free / 1_000_000);
  throw new Error(
    `Only ${megabytes} MB are free where ${dir} is, Streamside needs 500: ` +
      'free some space, or set STREAMSIDE_DIR to a folder on another disk.',
  );
}

export async function checkPorts(ports: readonly NamedPort[]): Promise<void> {
  for (const { what, port, variable } of ports) {
    if (await isFree(port)) continue;
    throw new Error(
      `Port ${port} for ${what} is taken: stop what listens there, or set ${variable} to another.`,
    );
  }
}

/** Does anything listen at one of these addresses? */
export async function checkBrokers(brokers: readonly string[]): Promise<void> {
  const answers = await Promise.all(brokers.map(answersAt));
  if (answers.includes(true)) return;
  const addresses = brokers.join(', ');
  throw new Error(
    `No Kafka answers at ${addresses}, where KAFKA_BROKERS points: ` +
      'start it, or unset KAFKA_BROKERS to use the embedded one.',
  );
}

function answersAt(address: string): Promise<boolean> {
  const [host, port] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host: host!, port: Number(port), timeout: 3_000 });
    const done = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once('connect', () => done(true));
    socket.once('error', () => done(false));
    socket.once('timeout', () => done(false));
  });
}
