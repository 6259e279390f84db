import { z } from 'zod';
import { stream, topics } from './contract.ts';
import type { EventType, Topic } from './contract.ts';
import { text } from './values.ts';

const refused = {
  /** The consumer group that refused it, or the door that did. */
  group: text(200),
  reason: text(2000),
  topic: text(200),
  partition: z.int().nullable(),
  /** Decimal, as Kafka's offsets are 64 bit; null when it never reached the log. */
  offset: text(20).nullable(),
  /** The record key, as text; null when it had none. */
  key: text(1000).nullable(),
  /** The raw bytes, base64; empty when there are more than the bad track takes. */
  value: z.base64().max(1_500_000),
  /** How often this group has tried it. */
  attempts: z.int().positive(),
  /** Bytes of the original value; null when it had none. */
  size: z.int().nonnegative().nullable().optional(),
  /** The event type it said it was; null when it said none. */
  type: text(200).nullable().optional(),
};

const settled = {
  /** Where on this topic the refused record is: `visitors.bad-2/17`. */
  refused: text(300),
  /** Who did it. */
  by: text(100),
};
const discarded = { ...settled, why: text(2000).min(1) };

/** Bytes of a value that are kept twice: as base64 they stay under the broker's 1 MB a record. */
export const MAX_KEPT_BYTES = 720_000;

/** Who appends what people decide about bad events. */
export const OPERATOR = 'operator';

export interface BadTrack {
  topic: Topic;
  RecordRefused: EventType<'RecordRefused', typeof refused>;
  RecordRetried: EventType<'RecordRetried', typeof settled>;
  RecordDiscarded: EventType<'RecordDiscarded', typeof discarded>;
}

const SUFFIX = '.bad';
const tracks = new Map<string, BadTrack>();

/**
 * The bad track of a topic, `<topic>.bad`: raw records with why, where, for whom, how often, and
 * what was decided about them. A decision is in the partition of the record, so the first one holds.
 */
export function badTrackOf(topicName: string): BadTrack {
  const known = tracks.get(topicName);
  if (known) return known;
  const release = topics().get(topicName)?.release;
  const topic = stream(`${topicName}${SUFFIX}`, { key: null, ...(release && { release }) });
  const RecordRefused = topic.event(
    'RecordRefused',
    'A record that can never be processed, kept with its reason.',
    { writer: '*' },
    refused,
  );
  const RecordRetried = topic.event(
    'RecordRetried',
    'A refused record goes once more to the group that refused it.',
    { writer: OPERATOR },
    settled,
  );
  const RecordDiscarded = topic.event(
    'RecordDiscarded',
    'A refused record is given up, for a reason.',
    { writer: OPERATOR },
    discarded,
  );
  const track = { topic, RecordRefused, RecordRetried, RecordDiscarded };
  tracks.set(topicName, track);
  return track;
}

/** The topic a bad track belongs to; null when the name is that of no bad track. */
export function topicOfBadTrack(name: string): string | null {
  return name.endsWith(SUFFIX) ? name.slice(0, -SUFFIX.length) : null;
}

/** Declares the bad track of every topic imported so far. */
export function declareBadTracks(): void {
  for (const name of [...topics().keys()]) if (!topicOfBadTrack(name)) badTrackOf(name);
}
