import { z } from 'zod';
import type { EventType, Topic } from '#contracts/contract';
import type { Schema } from './compatibility.ts';

export const SCHEMAS = 'libs/contracts/schemas';

/** Where the schema of an event version is, below the folder of all schemas. */
export function pathOf(event: EventType, version = event.version): string {
  return `${folderOf(event)}/${event.type}.${version}.json`;
}

/** The event that a path is a version of: its path without number and ending. */
export function eventOfPath(path: string): string {
  return path.replace(/\.\d+\.jsonl?$/, '');
}

/** Every stream has TimePassed and every topic a bad track: one schema says it for all. */
function folderOf({ type, topic }: EventType): string {
  if (type === 'TimePassed') return 'every-stream';
  return topic.name.endsWith('.bad') ? 'every-bad-track' : topic.name;
}

/**
 * The JSON Schema of an event's data, as whoever appends it must fulfil. `x-key` is the field that
 * is the record key, `x-kind` the kind of its topic, `x-writers` who may append it. Draft 7 is also
 * the dialect of AsyncAPI.
 */
export function schemaOf(event: EventType): Schema {
  const { $schema, ...schema } = z.toJSONSchema(event.schema, { io: 'input', target: 'draft-7' });
  return {
    $schema,
    title: `${event.type}, version ${event.version}`,
    description: event.doc,
    'x-key': event.broadcast ? null : event.topic.keyField,
    'x-kind': event.topic.kind,
    'x-writers': event.writers,
    ...schema,
  };
}

/** Every event that is declared, once for each path of its schema. */
export function eventsByPath(topics: Iterable<Topic>): Map<string, EventType> {
  const events = [...topics].flatMap((topic) => [...topic.events.values()]);
  return new Map(events.map((event) => [pathOf(event), event]));
}
