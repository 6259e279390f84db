import { DataSource } from 'typeorm';
import { importStates } from '#log/import-states';
import type { VirtualReader } from './virtual-reader.ts';

/** The databases of the services, each opened as its owner. */
export class Databases {
  constructor(private readonly sources: ReadonlyMap<string, DataSource>) {}

  /** `urls`: by service name. */
  static async open(urls: Readonly<Record<string, string>>): Promise<Databases> {
    const sources = new Map<string, DataSource>();
    const databases = new Databases(sources);
    for (const [service, url] of Object.entries(urls)) {
      sources.set(service, await new DataSource({ type: 'postgres', url }).initialize());
    }
    return databases;
  }

  of(service: string): DataSource {
    return this.sources.get(service)!;
  }

  /** Throws a sentence when one of them has read events. */
  async refuseUsed(): Promise<void> {
    for (const [service, source] of this.sources) {
      const positions: unknown[] = await source.query('select 1 from log_positions limit 1');
      if (positions.length === 0) continue;
      throw new Error(
        `The database of ${service} has read events already: take empty ones ` +
          '(npm run history -- --fresh forgets the log and the databases).',
      );
    }
  }

  /** Lets these stand where they are, in `cluster`, as if their services had read so far. */
  async setStates(readers: readonly VirtualReader[], cluster: string): Promise<void> {
    for (const reader of readers) {
      await importStates(this.of(reader.processor.service), reader, cluster);
    }
  }

  async close(): Promise<void> {
    for (const source of this.sources.values()) await source.destroy();
  }
}
