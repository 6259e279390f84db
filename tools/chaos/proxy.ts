import { connect, createServer } from 'node:net';
import type { Server, Socket } from 'node:net';

/**
 * The state of the line to one client: whole; every connection is cut, also new ones; open, but
 * nothing arrives any more; or all that is sent arrives so many ms later. What was lost on a half-open
 * line stays lost: when it is whole again new connections work, and the old ones are silent for ever.
 */
export type Line = 'whole' | 'cut' | 'half-open' | { delayMs: number };

/** Who opened a connection, from the first bytes that it sent. */
export type Speaker = (first: Buffer) => string;

interface Pair {
  client: Socket;
  server: Socket;
  speaker: string | null;
  /** Something was lost on it: nothing arrives any more, whatever the line is now. */
  dead: boolean;
}

/** Stands between services and a server, and can spoil the line to each of them. */
export class Proxy {
  private readonly lines = new Map<string, Line>();
  private readonly pairs = new Set<Pair>();

  private constructor(
    private readonly server: Server,
    private readonly speakerOf: Speaker,
  ) {}

  /** Listens on `port` and hands everything on to `target`, both on this machine. */
  static async open(port: number, target: number, speakerOf: Speaker): Promise<Proxy> {
    const server = createServer({ noDelay: true, allowHalfOpen: true });
    const proxy = new Proxy(server, speakerOf);
    server.on('connection', (client) => proxy.accept(client, target));
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
    return proxy;
  }

  /** Sets the line to whoever calls itself so. */
  set(speaker: string, line: Line): void {
    this.lines.set(speaker, line);
    for (const pair of this.pairs) {
      if (pair.speaker !== speaker || line !== 'cut') continue;
      tear(pair);
      this.pairs.delete(pair);
    }
  }

  /** Connections that are open and will never carry anything again. */
  get dead(): number {
    return [...this.pairs].filter(({ dead }) => dead).length;
  }

  close(): void {
    this.server.close();
    for (const pair of this.pairs) tear(pair);
  }

  private accept(client: Socket, target: number): void {
    const server = connect({ port: target, host: '127.0.0.1', noDelay: true, allowHalfOpen: true });
    const pair: Pair = { client, server, speaker: null, dead: false };
    this.pairs.add(pair);
    client.once('data', (first: Buffer) => (pair.speaker = this.speakerOf(first)));
    this.carry(pair, client, server);
    this.carry(pair, server, client);
    for (const socket of [client, server]) {
      socket.on('error', () => undefined); // It closes next.
      socket.on('close', () => this.closed(pair));
    }
  }

  /** Behind a half-open line nobody learns that the other is gone. */
  private closed(pair: Pair): void {
    if (this.isSilent(pair) && !(pair.client.destroyed && pair.server.destroyed)) return;
    tear(pair);
    this.pairs.delete(pair);
  }

  private carry(pair: Pair, from: Socket, to: Socket): void {
    let lastDue = 0;
    const waiting: (() => void)[] = [];
    /** In order, whatever the delay of each: timers are only right to the millisecond. */
    const later = (work: () => void) => {
      const line = this.lineOf(pair);
      const delayMs = typeof line === 'object' ? line.delayMs : 0;
      const now = performance.now();
      lastDue = Math.max(lastDue, now + delayMs);
      if (lastDue <= now && waiting.length === 0) return work();
      waiting.push(work);
      setTimeout(() => waiting.shift()!(), lastDue - now);
    };
    from.on('data', (chunk: Buffer) => {
      if (this.isSilent(pair)) return;
      if (this.lineOf(pair) === 'cut') return tear(pair);
      later(() => {
        if (to.destroyed || to.write(chunk)) return;
        from.pause();
        to.once('drain', () => from.resume());
      });
    });
    from.on('end', () => {
      if (!this.isSilent(pair)) later(() => to.end());
    });
  }

  /** Asked whenever something would have to pass: what does not, is missing from then on. */
  private isSilent(pair: Pair): boolean {
    pair.dead ||= this.lineOf(pair) === 'half-open';
    return pair.dead;
  }

  private lineOf({ speaker }: Pair): Line {
    return (speaker !== null && this.lines.get(speaker)) || 'whole';
  }
}

function tear({ client, server }: Pair): void {
  client.destroy();
  server.destroy();
}

/** Kafka: length, API, version, correlation id, then the client id with its length. */
export function kafkaClient(first: Buffer): string {
  const length = first.length >= 14 ? first.readInt16BE(12) : -1;
  return length > 0 ? first.subarray(14, 14 + length).toString() : '';
}

/** PostgreSQL: the start message names the user among its pairs of texts. */
export function postgresUser(first: Buffer): string {
  const words = first.subarray(8).toString().split('\0');
  return words[words.indexOf('user') + 1] ?? '';
}
