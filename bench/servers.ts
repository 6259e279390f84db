import { createTopics } from '#log/topics';
import { ensureDatabases } from '../tools/start/databases.ts';
import { withOwnServers } from '../tools/start/own-servers.ts';

/** A broker with our topics and a durable database, of this run alone. */
export interface Servers {
  dir: string;
  brokers: string[];
  databaseUrl: string;
}

/** Runs `work` on servers of its own; they end with it, also when it is killed. */
export function withServers<T>(work: (servers: Servers) => Promise<T>): Promise<T> {
  return withOwnServers('bench', { durable: true }, async ({ dir, brokers, adminUrl }) => {
    const { urls } = await ensureDatabases(adminUrl, ['bench'], () => 'bench');
    await createTopics(brokers);
    return work({ dir, brokers, databaseUrl: urls.bench! });
  });
}
