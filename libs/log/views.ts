import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Place } from './positions.ts';
import type { Processor } from './processor.ts';
import type { Tailed } from './tail.ts';

/** How often to look how far the groups are, while anybody waits. */
const LOOK_EVERY_MS = 10;
const LIMIT_MS = 10_000;

interface Waiting {
  place: Place;
  offset: number;
  /** When to wait no longer, ms since 1970. */
  limit: number;
  done: () => void;
  failed: (error: Error) => void;
}

/**
 * Says when a view has read as far as a record: then what the view shows includes it, whichever
 * replica's group read it. However many wait, the database is asked one query at a time.
 */
export class Views {
  private waiting: Waiting[] = [];
  private looking = false;

  constructor(private readonly dataSource: DataSource) {}

  /** Resolves when the view says what it makes of the event: at once if it does not read it, or after 10 s. */
  async passed(view: Processor<any>, { topic, partition, record, event }: Tailed): Promise<void> {
    // What it passes over, its position tells of up to a second later.
    if (!event || !view.reads.has(event.type)) return;
    const place = { group: view.name, topic, partition };
    await new Promise<void>((done, failed) => {
      const limit = Date.now() + LIMIT_MS;
      this.waiting.push({ place, offset: record.offset, limit, done, failed });
      if (!this.looking) void this.look();
    });
  }

  private async look(): Promise<void> {
    this.looking = true;
    while (this.waiting.length > 0) {
      const asked = this.waiting;
      this.waiting = [];
      try {
        this.waiting.push(...(await this.stillWaiting(asked)));
      } catch (error) {
        for (const { failed } of asked) failed(error as Error);
      }
      if (this.waiting.length > 0) await pause(LOOK_EVERY_MS);
    }
    this.looking = false;
  }

  private async stillWaiting(asked: readonly Waiting[]): Promise<Waiting[]> {
    const rows: { place: string; next_offset: string }[] = await this.dataSource.query(
      `select ${NAME} as place, next_offset from log_positions where ${NAME} = any($1)`,
      [[...new Set(asked.map(({ place }) => nameOf(place)))]],
    );
    const next = new Map(rows.map(({ place, next_offset }) => [place, Number(next_offset)]));
    const now = Date.now();
    return asked.filter(({ place, offset, limit, done }) => {
      const ended = (next.get(nameOf(place)) ?? 0) > offset || now > limit;
      if (ended) done();
      return !ended;
    });
  }
}

const NAME = `group_name || '/' || topic || '/' || partition`;
const nameOf = ({ group, topic, partition }: Place) => `${group}/${topic}/${partition}`;
