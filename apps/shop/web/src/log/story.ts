import { useSyncExternalStore } from 'react';

/** An event as it landed on the log. */
export interface Landed {
  topic: string;
  partition: number;
  offset: number;
  /** Log append time, milliseconds since 1970. */
  landedAt: number;
  event: CloudEvent;
}

/** What of an event is looked at here; there is more in it. */
export interface CloudEvent {
  id: string;
  type: string;
  /** The service that wrote it, with a slash before it. */
  source: string;
  time: string;
  correlationid: string;
  causationid: string;
  data: Record<string, unknown>;
}

const KEPT = 300;

interface Story {
  /** How many events there are of this visitor: those before this page, and those since. */
  count: number;
  /** What landed while this page was looking, oldest first. */
  landed: readonly Landed[];
}

/** It stands outside React's state, so that an event draws the handle and the drawer alone. */
let story: Story = { count: 0, landed: [] };
const listeners = new Set<() => void>();

function become(next: Story): void {
  story = next;
  for (const listener of listeners) listener();
}

/** The live channel is there, again perhaps. */
export function storyCounted(count: number): void {
  become({ ...story, count });
}

export function eventLanded(landed: Landed): void {
  become({ count: story.count + 1, landed: [...story.landed, landed].slice(-KEPT) });
}

export function useStory(): Story {
  return useSyncExternalStore(subscribe, () => story);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** `visitors 3/17`: where it is on the log, and nothing else is there. */
export const placeOf = ({ topic, partition, offset }: Landed) => `${topic} ${partition}/${offset}`;

/** The service that wrote it. */
export const writerOf = ({ event }: Landed) => event.source.replace(/^\//, '');

/** Each event once, oldest first. */
export function together(...parts: readonly (readonly Landed[])[]): Landed[] {
  const byPlace = new Map(parts.flat().map((landed) => [placeOf(landed), landed]));
  return [...byPlace.values()].toSorted(byLanding);
}

const byLanding = (a: Landed, b: Landed) =>
  a.landedAt - b.landedAt || a.topic.localeCompare(b.topic) || a.offset - b.offset;
