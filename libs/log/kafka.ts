import { Kafka, logLevel } from 'kafkajs';
import type { Admin, LogEntry } from 'kafkajs';
import type { LogSink } from './log-sink.ts';

/**
 * The client library reports normal rebalances, and the first seconds of a broker, as errors.
 * These messages get the level that tells the truth.
 */
const ROUTINE =
  /rebalanc|restarting the consumer|coordinator|not aware of this member|generation|leader|Connection (error|timeout)|Failed to connect|Request .* timed out|topic-partition|unknown/i;

/** A member that is silent for this long is dead to its group. Brokers allow no less by default. */
export const SESSION_TIMEOUT_MS = 6000;

/** A kafkajs client whose log lines go to `sink`. `brokers` are `host:port`. */
export function connectKafka(brokers: readonly string[], clientId: string, sink: LogSink): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    connectionTimeout: 2000,
    // When the leader of a group dies while the others wait for their partitions, the broker tells
    // them so after its session timeout. Who gives up before leaves a ghost behind, for which the
    // next round has to wait, and so on.
    requestTimeout: SESSION_TIMEOUT_MS + 3000,
    retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 8 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => write(entry, sink),
  });
}

/** Asks the cluster something, on a connection of its own. */
export async function withAdmin<T>(client: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const admin = client.admin();
  try {
    await admin.connect();
    return await work(admin);
  } finally {
    await admin.disconnect();
  }
}

function write({ level, log }: LogEntry, sink: LogSink): void {
  const { message, error } = log as { message: string; error?: string };
  const line = error ? `${message}: ${error}` : message;
  if (level > logLevel.ERROR || ROUTINE.test(line)) sink.debug(line);
  else sink.warn(line);
}
