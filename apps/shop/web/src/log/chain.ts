import { writerOf } from './story.ts';
import type { Landed } from './story.ts';

/** An event, and those it is the cause of. */
export interface Link {
  landed: Landed;
  /** The event it names as its cause, when it has one and that is known here. */
  cause: Landed | undefined;
  /** Others like it, of the same cause: a product seen together with seven is one line. */
  alike: number;
  effects: Link[];
}

/** One thing that happened, with all that came of it: one correlation id. */
export interface Moment {
  id: string;
  links: Link[];
}

/** The events, oldest first, as trees: by correlation into moments, by causation within. */
export function momentsOf(events: readonly Landed[]): Moment[] {
  const first = withoutRepeats(events);
  const byId = new Map(first.map((landed) => [landed.event.id, landed]));
  const links = new Map<string, Link>();
  const moments = new Map<string, Moment>();
  for (const landed of first) {
    const { id, causationid } = landed.event;
    const cause = causationid === id ? undefined : byId.get(causationid);
    links.set(id, { landed, cause, alike: 1, effects: [] });
  }
  for (const link of links.values()) {
    const { correlationid } = link.landed.event;
    if (link.cause) {
      links.get(link.cause.event.id)!.effects.push(link);
      continue;
    }
    const moment = moments.get(correlationid) ?? { id: correlationid, links: [] };
    moments.set(correlationid, moment);
    moment.links.push(link);
  }
  for (const link of links.values()) link.effects = condensed(link.effects);
  return [...moments.values()];
}

/**
 * What the shop had read before your browser could show or use a coupon. The log names no cause
 * here, as it was you who went on: the code says it.
 */
export function couponBehind(landed: Landed, events: readonly Landed[]): Landed | undefined {
  const { type, data } = landed.event;
  if (type !== 'OfferShown' && type !== 'CouponApplied') return undefined;
  return events.find(
    ({ event }) => event.type === 'CouponOffered' && event.data['code'] === data['code'],
  );
}

/** The tag sends a hit until it is answered, so one can be on the log twice; readers drop it. */
export function withoutRepeats(events: readonly Landed[]): Landed[] {
  const seen = new Set<string>();
  return events.filter(({ event }) => {
    const { tab, hit } = event.data;
    if (tab === undefined || hit === undefined) return true;
    const name = `${tab}/${hit}`;
    return !seen.has(name) && seen.add(name);
  });
}

function condensed(links: readonly Link[]): Link[] {
  const kept: Link[] = [];
  for (const link of links) {
    const like = kept.find((other) => isLeaf(other) && isLeaf(link) && isAlike(other, link));
    if (like) like.alike += 1;
    else kept.push(link);
  }
  return kept;
}

const isLeaf = ({ effects }: Link) => effects.length === 0;
const isAlike = (a: Link, b: Link) =>
  a.landed.event.type === b.landed.event.type && writerOf(a.landed) === writerOf(b.landed);
