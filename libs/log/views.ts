import { setTimeout as pause } from 'node:timers/promises';
import type { DataSource } from 'typeorm';
import type { Place } from './positions.ts';
import type { Processor } from './processor.ts';
import type { Tailed } from './tail.ts';

/** How often to look how far the groups of other replicas are: at first, and once all have waited long. */
const LOOK_EVERY_MS = { atFirst: 10, atLast: 500 };
/** A group whose member died, or whose database was away, reads on well before that. */
const LIMIT_MS = 60_000;

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
  /** When the last of them came, ms since 1970. */
  private cameAt = 0;
  private looking = false;

  constructor(
    private readonly dataSource: Pick<DataSource, 'query'>,
    private readonly limitMs = LIMIT_MS,
  ) {}

  /**
   * Resolves when the view says what it makes of the event, at once if it does not read it, or after a
   * minute. Rejects when the database does not say even then.
   */
  async passed(view: Processor<any>, { topic, partition, record, event }: Tailed): Promise<void> {
    // What it passes over, its position tells of up to a second later.
    if (!event || !view.reads.has(event.type)) return;
    const place = nameOf({ group: view.name, topic, partition });
    const { offset } = record;
    if ((this.known.get(place) ?? 0) > offset) return;
    this.cameAt = Date.now();
    await new Promise<void>((done, failed) => {
      this.waiting.add({ place, offset, limit: this.cameAt + this.limitMs, done, failed });
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
    const { atFirst, atLast } = LOOK_EVERY_MS;
    while (this.waiting.size > 0) {
      await pause(Math.min(atLast, Math.max(atFirst, (Date.now() - this.cameAt) / 10)));
      const asked = [...this.waiting];
      const failure = await this.ask(asked).catch((error: Error) => error);
      for (const each of asked) if (Date.now() > each.limit) this.end(each, failure);
    }
    this.looking = false;
  }

  private async ask(asked: readonly Waiting[]): Promise<void> {
    if (asked.length === 0) return;
    const rows: { place: string; next_offset: string }[] = await this.dataSource.query(
      `select ${NAME} as place, next_offset from log_positions where ${NAME} = any($1)`,
      [[...new Set(asked.map(({ place }) => place))]],
    );
    const next = new Map(rows.map(({ place, next_offset }) => [place, Number(next_offset)]));
    for (const each of asked) {
      if ((next.get(each.place) ?? 0) > each.offset) this.end(each);
    }
  }

  /** One that has ended already stays as it is. */
  private end(waiting: Waiting, failure?: Error | void): void {
    this.waiting.delete(waiting);
    if (failure) waiting.failed(failure);
    else waiting.done();
  }
}

const NAME = `group_name || '/' || topic || '/' || partition`;
const nameOf = ({ group, topic, partition }: Place) => `${group}/${topic}/${partition}`;
