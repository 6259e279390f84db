import { z } from 'zod';
import type { EventType, LogEvent, NewEvent } from '#contracts/contract';
import { eventTypeOf, shadowName, topics } from '#contracts/contract';
import { firstReleaseOf, Placement, Placements, releaseFor } from '#contracts/releases';
import type { Application, ReleaseTag } from '#contracts/releases';
import { ReleaseChanged } from '#contracts/visitors';
import type { Decision, Processor } from './processor.ts';

/** What everyone on a partition knows: who is on which release, and what the processor shares itself. */
interface Known<H> {
  placements: Placements;
  own: H | null;
}

/**
 * A processor over `visitors` that knows which release is in force for whom. What another release has
 * appended and was not in force any more when it *landed* is void, and is passed over: between
 * a decision and its record others may be read, so the order on the log has to say what counts.
 */
export function knowsReleases<S, H>(inner: Processor<S, H>): Processor<S, Known<H>> {
  const decided = new Set(
    [...inner.reads.values()].filter(({ schema }) => 'release' in schema.shape).map((e) => e.type),
  );
  return {
    ...inner,
    reads: new Map([...inner.reads, [ReleaseChanged.type, ReleaseChanged]]),
    shared: z.object({ placements: Placements, own: inner.shared?.nullable() ?? z.null() }) as any,
    share(known, event) {
      const { placements, own } = known ?? nothing;
      if (event.type !== ReleaseChanged.type) return { placements, own: inner.share(own, event) };
      const placement = Placement.parse(event.data);
      return { placements: { ...placements, [placement.application]: placement }, own };
    },
    on(state, event, known) {
      if (decided.has(event.type) && isVoid(event, known?.placements ?? {})) return;
      return inner.on(state, event, known?.own ?? null);
    },
    wake: (state, at, key, known) => inner.wake(state, at, key, known?.own ?? null),
  };
}

/**
 * A processor as one release of its application: it {@link knowsReleases}, and while it is not in force
 * for a visitor, what it appends for them goes to its shadow topics only.
 */
export function released<S, H>(
  inner: Processor<S, H>,
  { application, release }: ReleaseTag,
): Processor<S, Known<H>> {
  const tag = { application, release };
  const aware = knowsReleases(inner);
  const place = (
    decision: Decision<S> | void,
    key: string,
    known: Known<H> | null,
  ): Decision<S> | void => {
    if (!decision?.append) return decision;
    if (releaseFor(known?.placements ?? {}, application, key) === release) return decision;
    return { ...decision, append: decision.append.map((event) => inShadow(event, tag)) };
  };
  return {
    ...aware,
    appends: new Set([...inner.appends].flatMap((event) => [event, ...shadowOf(event, tag)])),
    on: (state, event, known) => place(aware.on(state, event, known), event.key!, known),
    wake: (state, at, key, known) => place(aware.wake(state, at, key, known), key, known),
  };
}

const nothing = { placements: {}, own: null };

/** Who is on which release, in what a processor that {@link knowsReleases} keeps as shared. */
export const KnownReleases = z.object({ placements: Placements });

/** Events that name no release are of the first: there was no other when they were made. */
function isVoid(event: LogEvent, placements: Placements): boolean {
  const application = event.source as Application;
  const { release = firstReleaseOf(application) } = event.data as { release?: string };
  return releaseFor(placements, application, event.key!) !== release;
}

function inShadow(event: NewEvent, tag: ReleaseTag): NewEvent {
  return isDerived(event) ? event : { ...event, topic: shadowName(event.topic, tag) };
}

function shadowOf({ topic, type }: EventType, tag: ReleaseTag): EventType[] {
  return [eventTypeOf(shadowName(topic.name, tag), type) ?? []].flat();
}

/** A topic of the release itself needs no shadow. */
function isDerived({ topic }: NewEvent): boolean {
  return topics().get(topic)?.release !== null;
}
