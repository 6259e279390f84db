import { connect, isIP } from 'node:net';
import { setTimeout as pause } from 'node:timers/promises';
import { connect as connectTls } from 'node:tls';
import { Kafka, logLevel } from 'kafkajs';
import type { Admin, ISocketFactory, KafkaJSProtocolError, LogEntry } from 'kafkajs';
import { useRecordCodec } from './record-codec.ts';
import { letIdleConnectionsRest } from './idle-connections.ts';
import type { LogSink } from './log-sink.ts';
import { clientSecurity, open } from './security.ts';
import type { Security } from './security.ts';
import { endOnSilence } from './silence.ts';

export type { Admin, Kafka } from 'kafkajs';

letIdleConnectionsRest();
useRecordCodec();

/**
 * The client library reports normal rebalances, and the first seconds of a broker, as errors.
 * These messages get the level that tells the truth.
 */
const ROUTINE =
  /rebalanc|restarting the consumer|coordinator|not aware of this member|generation|leader|Connection (error|timeout)|Failed to connect|Request .* timed out|topic-partition|unknown/i;

/** A member that is silent for this long is dead to its group. Brokers allow no less by default. */
const SESSION_TIMEOUT_MS = 6000;
/** How every consumer here takes part in its group: one that waits longer for others is back later than they. */
export const MEMBERSHIP = {
  sessionTimeout: SESSION_TIMEOUT_MS,
  heartbeatInterval: 500,
  rebalanceTimeout: 10_000,
} as const;

/** Partitions have leaders again within this time, or their brokers are away. */
export const LEADER_LIMIT_MS = 30_000;
const LEADER_PAUSE_MS = 50;

/** A round of a group may take 10 s and this long more; no other answer does. */
const SILENCE_MS = 20_000;

/** A kafkajs client whose log lines go to `sink`. `brokers` are `host:port`. */
export function connectKafka(
  brokers: readonly string[],
  clientId: string,
  sink: LogSink,
  security: Security = open,
): Kafka {
  return new Kafka({
    brokers: [...brokers],
    clientId,
    ...clientSecurity(security),
    connectionTimeout: 2000,
    socketFactory,
    // When the leader of a group dies while the others wait for their partitions, the broker tells
    // them so after its session timeout. Who gives up before leaves a ghost behind, for which the
    // next round has to wait, and so on.
    requestTimeout: SESSION_TIMEOUT_MS + 3000,
    retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 8 },
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => write(entry, sink),
  });
}

/** A request that times out does not end its connection, so the next one would time out as well. */
const socketFactory: ISocketFactory = ({ host, port, ssl, onConnect }) => {
  const named = isIP(host) === 0 ? { servername: host } : {};
  const socket = ssl
    ? connectTls({ host, port, ...named, ...ssl }, onConnect)
    : connect({ host, port }, onConnect);
  return endOnSilence(socket, SILENCE_MS);
};

/**
 * Asks the cluster something, on a connection of its own. A partition whose leader is just moving has no
 * end to tell, and the client gives up at once: `work` is then done again, for at most 30 s, by who
 * learns the leaders anew.
 */
export async function withAdmin<T>(client: Kafka, work: (admin: Admin) => Promise<T>): Promise<T> {
  const limit = Date.now() + LEADER_LIMIT_MS;
  for (;;) {
    const admin = client.admin();
    try {
      await admin.connect();
      return await work(admin);
    } catch (error) {
      if (!isOfLeaders(error) || Date.now() > limit) throw error;
    } finally {
      await admin.disconnect();
    }
    await pause(LEADER_PAUSE_MS);
  }
}

function isOfLeaders(error: unknown): boolean {
  const { type } = error as Partial<KafkaJSProtocolError>;
  return type === 'LEADER_NOT_AVAILABLE' || type === 'NOT_LEADER_FOR_PARTITION';
}

/**
 * Throws a sentence when the broker refuses this login, or wants one. A broker that does not answer
 * is not waited for here: whoever needs it does that.
 */
export async function checkLogin(client: Kafka, { login }: Security): Promise<void> {
  const admin = client.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    await admin.describeCluster();
  } catch (error) {
    const names = namesOf(error);
    if (login && names.includes('KafkaJSSASLAuthenticationError')) {
      throw new Error(
        `Kafka does not let the user ${login.username} in: ` +
          'check KAFKA_USERNAME, KAFKA_PASSWORD and KAFKA_SASL_MECHANISM.',
      );
    }
    if (!login && names.includes('KafkaJSConnectionClosedError')) {
      throw new Error(
        'Kafka closed the connection, as it does with who does not log in: set KAFKA_SASL=1 beside ' +
          'a KAFKA_SASL=1 npm start, or KAFKA_USERNAME and KAFKA_PASSWORD.',
      );
    }
  } finally {
    await admin.disconnect();
  }
}

/** What kafkajs calls an error, and what it wrapped in it. */
function namesOf(error: unknown): string[] {
  return error instanceof Error ? [error.name, ...namesOf(error.cause)] : [];
}

function write({ level, log }: LogEntry, sink: LogSink): void {
  const { message, error } = log as { message: string; error?: string };
  const line = error ? `${message}: ${error}` : message;
  if (level > logLevel.ERROR || ROUTINE.test(line)) sink.debug(line);
  else sink.warn(line);
}
