import { once } from 'node:events';
import type { Writable } from 'node:stream';
import { topics } from '#contracts/all';
import { typeOf } from '#log/envelope';
import { withAdmin } from '#log/kafka';
import { open } from '#log/security';
import type { Security } from '#log/security';
import { tail } from '#log/tail';
import type { Tailed } from '#log/tail';
import { CHANNEL_PREFIX, WATCHER } from '../kafka/access.ts';
import { connectTool } from '../kafka/connect.ts';
import { securityOfTool } from '../start/logins.ts';
import { jsonLine, Lines } from './line.ts';
import { checkNames, help, parseOptions } from './options.ts';
import type { Options } from './options.ts';

/** A broker that does not answer must not hold up the end. */
const MOST_STOPPING_MS = 2000;

/** `npm run tail`: ends with the exit code once it is told to stop. */
export async function main(argv: readonly string[]): Promise<number> {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => stop.abort());
  // The reader of the pipe has what it wanted.
  process.stdout.on('error', () => stop.abort());
  stop.signal.addEventListener('abort', () => {
    setTimeout(() => process.exit(0), MOST_STOPPING_MS).unref();
  });
  try {
    const options = parseOptions(argv, Date.now());
    if (options.help) return say(process.stdout, help, 0);
    const brokers = (process.env.KAFKA_BROKERS ?? '127.0.0.1:19092').split(',');
    await watch(
      options,
      brokers,
      process.stdout,
      stop.signal,
      securityOfTool(process.env, WATCHER),
    );
    return 0;
  } catch (error) {
    return stop.signal.aborted ? 0 : say(process.stderr, `${(error as Error).message}\n`, 1);
  }
}

function say(out: Writable, text: string, exitCode: number): number {
  out.write(text);
  return exitCode;
}

/** Writes what comes on the topics to `out` until stopped. Throws a sentence when it cannot. */
export async function watch(
  options: Options,
  brokers: readonly string[],
  out: Writable & { isTTY?: boolean; columns?: number },
  stop: AbortSignal,
  security: Security = open,
): Promise<void> {
  const client = await connectTool('streamside-tail', brokers, security);
  await check(client, options);
  const toLine = lineWriter(options, out);
  const show = async (tailed: Tailed) => {
    if (stop.aborted || !isWanted(tailed, options)) return;
    // A slow reader slows the tail down; otherwise memory would hold what it did not read yet.
    if (!out.write(`${toLine(tailed)}\n`)) await once(out, 'drain', { signal: stop }).catch(noop);
  };
  const names = options.topics.map((name) => ({ name }));
  const channel = options.channel === null ? undefined : CHANNEL_PREFIX + options.channel;
  const watching = await tail(client, names, options.from, show, { channel });
  if (!stop.aborted) await once(stop, 'abort');
  await watching.close();
}

async function check(client: Parameters<typeof withAdmin>[0], options: Options): Promise<void> {
  const names = await withAdmin(client, (admin) => admin.listTopics());
  checkNames(options, names, topics());
}

function lineWriter(
  { json, topics: watched }: Options,
  out: { isTTY?: boolean; columns?: number },
): (tailed: Tailed) => string {
  if (json) return jsonLine;
  const colours = out.isTTY === true && !process.env.NO_COLOR;
  const columns = out.isTTY === true ? (out.columns ?? null) : null;
  const lines = new Lines({ colours, columns, namesTopic: watched.length > 1 });
  return (tailed) => lines.of(tailed);
}

function isWanted({ record }: Tailed, { types, key }: Options): boolean {
  if (key !== null && record.key?.toString() !== key) return false;
  return types.length === 0 || types.includes(typeOf(record) ?? '');
}

const noop = () => undefined;
