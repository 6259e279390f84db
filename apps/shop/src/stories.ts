import type { LogEvent } from '#contracts/contract';
import type { Placement } from '#contracts/releases';
import { ModelPromoted, ReleaseChanged } from '#contracts/visitors';
import { partitionOf } from '#log/partition';
import type { Tailed } from '#log/tail';

/** Events of one visitor that are kept; older ones are forgotten. */
export const MAX_EVENTS_EACH = 300;
/** JSON of all visitors together, characters: some 20,000 events. Who was quiet longest goes first. */
const MAX_CHARACTERS = 16_000_000;
/** Events that came before the one that says whose they are. */
const MAX_ORPHANS = 2000;

/** An event as it landed on the log. */
export interface Landed {
  topic: string;
  partition: number;
  offset: number;
  /** Log append time, ms. */
  landedAt: number;
  correlationId: string;
  /** The CloudEvent as it is on the log, on one line. */
  json: string;
}

/** Whose event it is, and what is new for them: also what had come before it was known whose it is. */
export interface News {
  visitorId: string;
  landed: Landed[];
}

/**
 * What just happened to each visitor of late. An event belongs to the visitor it names, or to the
 * one of its story: stock that was asked for names an order, and carries the correlation id of the
 * checkout. Nobody else gets to see it.
 */
export class Stories {
  /** By visitor, the one that was quiet longest first. */
  private readonly kept = new Map<string, Landed[]>();
  private readonly visitorOf = new Map<string, string>();
  /** By correlation id, oldest first: topics are read side by side, in no order. */
  private readonly orphans = new Map<string, Landed[]>();
  /** What concerns everybody on a partition, by what it is about: the last of each, if it came of late. */
  private readonly forAll = new Map<number, Map<string, Landed>>();
  private characters = 0;
  private orphaned = 0;

  constructor(private readonly maxCharacters = MAX_CHARACTERS) {}

  /** Takes a record in; null when it is nobody's, as far as is known. */
  note(tailed: Tailed): News | null {
    if (!tailed.event) return null;
    const landed = landedOf(tailed, tailed.event);
    const about = aboutAll(tailed.event);
    if (about !== null) {
      const known = this.forAll.get(tailed.partition) ?? new Map<string, Landed>();
      this.forAll.set(tailed.partition, known.set(about, landed));
      return null;
    }
    const { correlationId } = landed;
    const named = (tailed.event.data as { visitorId?: string }).visitorId;
    const visitorId = named ?? this.visitorOf.get(correlationId);
    if (visitorId === undefined) {
      this.leave(landed);
      return null;
    }
    const news = [...this.claim(correlationId, visitorId), landed];
    for (const one of news) this.keep(one, visitorId);
    this.forgetTheQuiet(visitorId);
    return { visitorId, landed: news };
  }

  /** All that is kept of a visitor, with the model and the releases they are on, in no order. */
  of(visitorId: string): readonly Landed[] {
    const forAll = this.forAll.get(partitionOf(visitorId))?.values() ?? [];
    return [...forAll, ...(this.kept.get(visitorId) ?? [])];
  }

  private claim(correlationId: string, visitorId: string): Landed[] {
    if (!this.visitorOf.has(correlationId)) this.visitorOf.set(correlationId, visitorId);
    const found = this.orphans.get(correlationId) ?? [];
    this.orphans.delete(correlationId);
    this.orphaned -= found.length;
    return found;
  }

  private leave(landed: Landed): void {
    const { correlationId } = landed;
    this.orphans.set(correlationId, [...(this.orphans.get(correlationId) ?? []), landed]);
    this.orphaned += 1;
    for (const [oldest, those] of this.orphans) {
      if (this.orphaned <= MAX_ORPHANS) return;
      this.orphans.delete(oldest);
      this.orphaned -= those.length;
    }
  }

  private keep(landed: Landed, visitorId: string): void {
    const story = this.kept.get(visitorId) ?? [];
    this.kept.delete(visitorId);
    this.kept.set(visitorId, story);
    story.push(landed);
    this.characters += landed.json.length;
    if (story.length > MAX_EVENTS_EACH) this.forget(story.shift()!, story);
  }

  private forgetTheQuiet(butNot: string): void {
    // To find the first of a map passes over all that were deleted before it.
    if (this.characters <= this.maxCharacters) return;
    for (const [visitorId, story] of this.kept) {
      if (this.characters <= this.maxCharacters || visitorId === butNot) return;
      this.kept.delete(visitorId);
      for (const landed of story) this.forget(landed, []);
    }
  }

  private forget({ correlationId, json }: Landed, rest: readonly Landed[]): void {
    this.characters -= json.length;
    const goesOn = rest.some((other) => other.correlationId === correlationId);
    if (!goesOn) this.visitorOf.delete(correlationId);
  }
}

/** What an event that concerns everybody is about, so that a later one takes its place; else null. */
function aboutAll({ type, data }: LogEvent): string | null {
  if (type === ModelPromoted.type) return type;
  if (type !== ReleaseChanged.type) return null;
  return `${type} ${(data as Placement).application}`;
}

function landedOf({ topic, partition, record }: Tailed, event: LogEvent): Landed {
  const { offset, timestamp: landedAt } = record;
  // Between the tokens of JSON a line break means nothing; in a server-sent event it is the end.
  const json = record.value!.toString().replaceAll(/[\r\n]/g, ' ');
  return { topic, partition, offset, landedAt, correlationId: event.correlationId, json };
}

/** `{ topic, partition, offset, landedAt, event }`, as JSON. */
export function jsonOf({ topic, partition, offset, landedAt, json }: Landed): string {
  return `${JSON.stringify({ topic, partition, offset, landedAt }).slice(0, -1)},"event":${json}}`;
}
