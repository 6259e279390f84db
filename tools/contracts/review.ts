import { isDeepStrictEqual } from 'node:util';
import type { EventType } from '#contracts/contract';
import { breakingChanges, RULES } from './compatibility.ts';
import type { Schema } from './compatibility.ts';
import { eventOfPath, pathOf, schemaOf, SCHEMAS } from './schemas.ts';
import { brokenTopicPromises } from './topic-promises.ts';

/** A difference between the contracts in the code and what is committed. */
export interface Finding {
  path: string;
  sentence: string;
  /** Would break a reader or an archived event; otherwise the file only has to be written. */
  breaking: boolean;
  /** Allows what old readers refuse: worth reading also when the file was written. */
  widens?: boolean;
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
  const declared = new Map([...events.values()].map((e) => [eventOfPath(pathOf(e)), e]));
  return [
    ...[...events.values()].flatMap((event) => reviewEvent(event, committed)),
    ...[...committed.keys()]
      .filter((path) => !known.has(path))
      .map((path) => undeclared(path, declared.get(eventOfPath(path)))),
  ];
}

/** The paths of all versions of an event, up to the one that is declared. */
export const pathsOf = (event: EventType) =>
  Array.from({ length: event.version }, (_, i) => pathOf(event, i + 1));

function reviewEvent(event: EventType, committed: ReadonlyMap<string, Schema>): Finding[] {
  return [
    ...olderVersions(event, committed),
    ...promises(event, committed),
    ...thisVersion(event, committed),
  ];
}

function thisVersion(event: EventType, committed: ReadonlyMap<string, Schema>): Finding[] {
  const path = pathOf(event);
  const before = committed.get(path);
  if (!before) return [stale(path, 'is missing: npm run contracts writes it.')];
  const after = JSON.parse(JSON.stringify(schemaOf(event))) as Schema;
  const changes = breakingChanges(before, after);
  if (changes.length > 0) {
    const { version } = event;
    const said = changes.map(({ what, rule }) => `${what} (${rule})`).join('; ');
    const newVersion = `version: ${version + 1} with upcasts: { ${version}: (old) => … }`;
    return [
      breaking(
        path,
        `promised otherwise: ${said}. Keep to it, or declare ${newVersion}, or a new event type.`,
      ),
    ];
  }
  if (isDeepStrictEqual(before, after)) return [];
  const remark = wideningOf(before, after);
  const what = `is not what the code declares: npm run contracts writes it anew.${remark}`;
  return [{ ...stale(path, what), widens: remark !== '' }];
}

/** Old readers refuse what only the new schema allows, and have no version to wait at. */
function wideningOf(before: Schema, after: Schema): string {
  const fields = breakingChanges(after, before)
    .filter(({ rule }) => rule === RULES.limit || rule === RULES.value)
    .map(({ field }) => field);
  if (fields.length === 0) return '';
  const named = [...new Set(fields)].join(', ');
  return ` It allows more of ${named}: update its readers before its writers, or raise the version.`;
}

function promises(event: EventType, committed: ReadonlyMap<string, Schema>): Finding[] {
  const after = schemaOf(event);
  return pathsOf(event).flatMap((path) =>
    brokenTopicPromises(committed.get(path) ?? after, after).map((clause) =>
      breaking(path, `promised otherwise: ${clause}.`),
    ),
  );
}

function olderVersions(event: EventType, committed: ReadonlyMap<string, Schema>): Finding[] {
  const older = pathsOf(event).slice(0, -1);
  return older.flatMap((path, i) => {
    const version = i + 1;
    const findings: Finding[] = [];
    if (!committed.has(path)) {
      const why = 'its events are in the archive; a version goes up by one';
      findings.push(breaking(path, `is gone: restore it (${why}).`));
    }
    if (!event.upcasts[version]) {
      const upcast = `upcasts: { ${version}: (old) => … }`;
      const why = `what it wrote is read as version ${version + 1}`;
      findings.push(breaking(path, `has no upcast: add ${upcast} to ${event.type} (${why}).`));
    }
    return findings;
  });
}

function undeclared(path: string, event: EventType | undefined): Finding {
  if (!event) {
    return breaking(path, 'has no event in the code: declare it again (the archive has some).');
  }
  const { type, version } = event;
  const why = 'a version never goes down: the archive has some';
  return breaking(path, `is beyond version ${version} of ${type}: raise it again (${why}).`);
}

const stale = (path: string, what: string): Finding => ({
  path,
  sentence: `${SCHEMAS}/${path} ${what}`,
  breaking: false,
});
const breaking = (path: string, what: string): Finding => ({
  ...stale(path, what),
  breaking: true,
});
