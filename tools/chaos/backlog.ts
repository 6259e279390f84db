import type pg from 'pg';
import type { World } from './world.ts';
import type { Ends } from './watch.ts';

/** What services have before them, as their databases say, past the proxy. */
export class Backlog {
  private readonly clients = new Map<string, Promise<pg.Client>>();

  constructor(private readonly world: Pick<World, 'databaseOf'>) {}

  /** Records before `ends` that groups of the service have not done, and events not published. */
  async of(service: string, ends: Ends): Promise<number> {
    const { rows } = await this.ask(
      service,
      `select topic, partition, next_offset as n from log_positions
       union all select null, null, count(*) from log_outbox`,
    );
    return rows.reduce((sum, { topic, partition, n }) => {
      if (topic === null) return sum + Number(n);
      return sum + Math.max(0, (ends.get(`${topic}-${partition}`) ?? 0) - Number(n));
    }, 0);
  }

  /** Events that wait for being published. */
  async outboxOf(service: string): Promise<number> {
    const { rows } = await this.ask(service, 'select count(*) as n from log_outbox');
    return Number(rows[0].n);
  }

  async close(): Promise<void> {
    const ends = [...this.clients.values()].map(async (client) => (await client).end());
    await Promise.allSettled(ends);
  }

  /** On one connection for each service; on a new one when the server was killed meanwhile. */
  private async ask(service: string, query: string): Promise<pg.QueryResult> {
    const client = this.clients.get(service);
    if (client) {
      try {
        return await (await client).query(query);
      } catch {
        void client.then((old) => old.end()).catch(() => undefined);
      }
    }
    const fresh = this.world.databaseOf(service);
    this.clients.set(service, fresh);
    fresh.catch(() => this.clients.delete(service));
    return (await fresh).query(query);
  }
}
