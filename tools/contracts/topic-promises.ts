import type { Schema } from './compatibility.ts';

/**
 * What no new version can mend, as a clause with the rule and the remedy: an event's key, the kind
 * of its topic and its writers hold for every version there ever was.
 */
export function brokenTopicPromises(before: Schema, after: Schema): string[] {
  return [...keyChange(before, after), ...kindChange(before, after), ...lostWriters(before, after)];
}

function keyChange({ 'x-key': old }: Schema, { 'x-key': now }: Schema): string[] {
  if (old === now) return [];
  return [
    `the record key is ${now}, was ${old} (an event keeps its key, or its history is no longer ` +
      'in one order): take that back, or declare a new event type',
  ];
}

function kindChange({ 'x-kind': old }: Schema, { 'x-kind': now }: Schema): string[] {
  if (old === now || old === undefined) return [];
  return [
    `its topic is a ${now}, was a ${old} (a topic keeps its kind: a table forgets what a stream ` +
      'keeps): take that back, or declare a new topic',
  ];
}

function lostWriters(before: Schema, after: Schema): string[] {
  const [old, now] = [before, after].map((schema) => (schema['x-writers'] ?? []) as string[]);
  if (now!.includes('*')) return [];
  return old!
    .filter((writer) => !now!.includes(writer))
    .map((writer) => {
      const who = writer === '*' ? 'not every service' : `${writer} no longer`;
      return (
        `${who} may write it (a writer stays: readers would refuse what it has written): ` +
        `name '${writer}' among its writers again`
      );
    });
}
