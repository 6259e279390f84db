import { isDeepStrictEqual } from 'node:util';
import type { EventType } from '#contracts/contract';
import { breakingChanges } from './compatibility.ts';
import type { Schema } from './compatibility.ts';
import { pathOf, schemaOf, SCHEMAS } from './schemas.ts';

/** A difference between the contracts in the code and the committed schemas. */
export interface Finding {
  path: string;
  sentence: string;
  /** Would break a reader or an archived event; otherwise the schemas only have to be written. */
  breaking: boolean;
}

/**
 * Compares the events of the code with the committed schemas, both by path. The schemas of older
 * versions stay for ever: there are events of theirs in the archive.
 */
export function review(
  events: ReadonlyMap<string, EventType>,
  committed: ReadonlyMap<string, Schema>,
): Finding[] {
  const known = new Set([...events.values()].flatMap(pathsOf));
  return [
    ...[...events.values()].flatMap((event) => reviewEvent(event, committed)),
    ...[...committed.keys()].filter((path) => !known.has(path)).map(undeclared),
  ];
}

const pathsOf = (event: EventType) =>
  Array.from({ length: event.version }, (_, i) => pathOf(event, i + 1));

function reviewEvent(event: EventType, committed: ReadonlyMap<string, Schema>): Finding[] {
  return [...olderVersions(event, committed), ...thisVersion(event, committed)];
}

function thisVersion(event: EventType, committed: ReadonlyMap<string, Schema>): Finding[] {
  const path = pathOf(event);
  const before = committed.get(path);
  if (!before) return [finding(path, 'is missing: npm run contracts writes it.')];
  const after = JSON.parse(JSON.stringify(schemaOf(event))) as Schema;
  const changes = breakingChanges(before, after);
  if (changes.length > 0) {
    const next = `version ${event.version + 1} with an upcast from ${event.version}`;
    return [
      breaking(path, `promised otherwise: ${changes.join('; ')}. Keep to it, or declare ${next}.`),
    ];
  }
  if (isDeepStrictEqual(before, after)) return [];
  return [finding(path, 'is not what the code declares: npm run contracts writes it anew.')];
}

function olderVersions(event: EventType, committed: ReadonlyMap<string, Schema>): Finding[] {
  const older = Array.from({ length: event.version - 1 }, (_, i) => i + 1);
  return older.flatMap((version) => {
    const path = pathOf(event, version);
    const findings: Finding[] = [];
    if (!committed.has(path)) {
      findings.push(breaking(path, 'is gone: restore it, its events are in the archive.'));
    }
    if (!event.upcasts[version]) {
      const next = `version ${version + 1}`;
      findings.push(breaking(path, `has no upcast to ${next}: add it to ${event.type}.`));
    }
    return findings;
  });
}

function undeclared(path: string): Finding {
  return breaking(path, 'has no event in the code: declare it again, the archive has some.');
}

const finding = (path: string, what: string): Finding => ({
  path,
  sentence: `${SCHEMAS}/${path} ${what}`,
  breaking: false,
});
const breaking = (path: string, what: string): Finding => ({
  ...finding(path, what),
  breaking: true,
});
