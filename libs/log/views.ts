import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Place } from './positions.ts';

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

  /**
   * Resolves when the group has read the record at `offset`, or after 10 s. For events that the view
   * reads: others it passes over, and its position says so up to a second later.
   */
  passed(place: Place, offset: number): Promise<void> {
    return new Promise((done, failed) => {
      this.waiting.push({ place, offset, limit: Date.now() + LIMIT_MS, done, failed });
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
