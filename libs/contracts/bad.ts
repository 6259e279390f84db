import { z } from 'zod';
import { stream, topics } from './contract.ts';
import type { EventType, Topic } from './contract.ts';
import { text } from './values.ts';

const shape = {
  /** The consumer group that refused it, or the door that did. */
  group: text(200),
  reason: text(2000),
  topic: text(200),
  partition: z.int().nullable(),
  /** Decimal, as Kafka's offsets are 64 bit; null when it never reached the log. */
  offset: text(20).nullable(),
  /** The record key, as text; null when it had none. */
  key: text(1000).nullable(),
  /** The raw bytes, base64. */
  value: z.base64().max(1_500_000),
  attempts: z.int().positive(),
};

type BadTrack = { topic: Topic; RecordRefused: EventType<'RecordRefused', typeof shape> };
const tracks = new Map<string, BadTrack>();

/** The bad track of a topic, `<topic>.bad`: raw records with why, where, for whom, how often. */
export function badTrackOf(topicName: string): BadTrack {
  const known = tracks.get(topicName);
  if (known) return known;
  const topic = stream(`${topicName}.bad`, { key: null });
  const RecordRefused = topic.event(
    'RecordRefused',
    'A record that can never be processed, kept with its reason.',
    { writer: '*' },
    shape,
  );
  const track = { topic, RecordRefused };
  tracks.set(topicName, track);
  return track;
}

/** Declares the bad track of every topic imported so far. */
export function declareBadTracks(): void {
  for (const name of [...topics().keys()]) if (!name.endsWith('.bad')) badTrackOf(name);
}
