import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Place } from './positions.ts';
import type { Processor } from './processor.ts';
import type { Tailed } from './tail.ts';

/** How often to look how far the groups of other replicas are, while anybody waits. */
const LOOK_EVERY_MS = 10;
const LIMIT_MS = 10_000;

interface Waiting {
  place: string;
  offset: number;
  /** When to wait no longer, ms since 1970. */
  limit: number;
  done: () => void;
  failed: (error: Error) => void;
}

/**
 * Says when a view has read as far as a record: then what the view shows includes it, whichever
 * replica's group read it. Groups of this process say so themselves; for the others the database is
 * asked, one query at a time, however many wait.
 */
export class Views {
  private readonly waiting = new Set<Waiting>();
  /** The next offset of what groups of this process have read, by place. */
  private readonly known = new Map<string, number>();
  private looking = false;

  constructor(private readonly dataSource: Pick<DataSource, 'query'>) {}

  /** Resolves when the view says what it makes of the event: at once if it does not read it, or after 10 s. */
  async passed(view: Processor<any>, { topic, partition, record, event }: Tailed): Promise<void> {
    // What it passes over, its position tells of up to a second later.
    if (!event || !view.reads.has(event.type)) return;
    const place = nameOf({ group: view.name, topic, partition });
    const { offset } = record;
    if ((this.known.get(place) ?? 0) > offset) return;
    await new Promise<void>((done, failed) => {
      this.waiting.add({ place, offset, limit: Date.now() + LIMIT_MS, done, failed });
      if (!this.looking) void this.look();
    });
  }

  /** A group of this process has committed its work on everything before the offset `next`. */
  saved(at: Place, next: number): void {
    const place = nameOf(at);
    this.known.set(place, next);
    for (const each of this.waiting) {
      if (each.place === place && each.offset < next) this.end(each);
    }
  }

  private async look(): Promise<void> {
    this.looking = true;
    while (this.waiting.size > 0) {
      await pause(LOOK_EVERY_MS);
      const asked = [...this.waiting];
      try {
        if (asked.length > 0) await this.ask(asked);
      } catch (error) {
        for (const each of asked) {
          this.waiting.delete(each);
          each.failed(error as Error);
        }
      }
    }
    this.looking = false;
  }

  private async ask(asked: readonly Waiting[]): Promise<void> {
    const rows: { place: string; next_offset: string }[] = await this.dataSource.query(
      `select ${NAME} as place, next_offset from log_positions where ${NAME} = any($1)`,
      [[...new Set(asked.map(({ place }) => place))]],
    );
    const next = new Map(rows.map(({ place, next_offset }) => [place, Number(next_offset)]));
    const now = Date.now();
    for (const each of asked) {
      if ((next.get(each.place) ?? 0) > each.offset || now > each.limit) this.end(each);
    }
  }

  private end(waiting: Waiting): void {
    this.waiting.delete(waiting);
    waiting.done();
  }
}

const NAME = `group_name || '/' || topic || '/' || partition`;
const nameOf = ({ group, topic, partition }: Place) => `${group}/${topic}/${partition}`;
