import { checkLogin, connectKafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import type { Security } from '#log/security';
import { checkBrokers } from '../start/problems.ts';

/** The client of a command line. Throws a sentence when there is no Kafka, or it refuses the login. */
export async function connectTool(
  clientId: string,
  brokers: readonly string[],
  security: Security,
): Promise<ReturnType<typeof connectKafka>> {
  await checkBrokers(brokers).catch(() => {
    const at = brokers.join(', ');
    throw new Error(`No Kafka answers at ${at}: npm start, or set KAFKA_BROKERS to another.`);
  });
  const client = connectKafka(brokers, clientId, silent, security);
  await checkLogin(client, security);
  return client;
}
