import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { OPERATOR } from '#contracts/bad';
import { services } from '../../manifest.ts';
import { WATCHER } from '../kafka/access.ts';
import type { DatabaseUrls } from './databases.ts';

/** What the step that prepares the log and the tables is told in confidence. */
export interface GivenSecrets {
  urls: DatabaseUrls;
  /** Of the users of the log, by name; null: nobody makes users. */
  passwords: Readonly<Record<string, string>> | null;
}

/** From the launcher. */
export function secretsOf({ DATABASE_URLS, KAFKA_PASSWORDS }: NodeJS.ProcessEnv): GivenSecrets {
  return {
    urls: JSON.parse(DATABASE_URLS ?? '{}'),
    passwords: JSON.parse(KAFKA_PASSWORDS ?? 'null'),
  };
}

/**
 * From the files that a container is given: `<service>-database-url` for each service with a
 * database, `<user>-kafka-password` for each user of the log, or for none of them. Throws a sentence
 * when one is missing.
 */
export function secretsIn(dir: string): GivenSecrets {
  const hasUsers = users.some((name) => existsSync(join(dir, passwordOf(name))));
  return {
    urls: byName(owners, (name) => databaseUrlIn(dir, name)),
    passwords: hasUsers ? byName(users, (name) => secretIn(dir, passwordOf(name))) : null,
  };
}

/** One of those files, of a service with a database. Throws a sentence when it is missing. */
export const databaseUrlIn = (dir: string, service: string): string =>
  secretIn(dir, databaseUrlOf(service));

/** The addresses that the files there have: of some services, or of all. */
export const databaseUrlsIn = (dir: string): string[] =>
  owners
    .filter((name) => existsSync(join(dir, databaseUrlOf(name))))
    .map((name) => databaseUrlIn(dir, name));

const owners = services.filter(({ database }) => database).map(({ name }) => name);
const onTheLog = services.filter(({ reads }) => reads !== null).map(({ name }) => name);
const users = [...onTheLog, WATCHER, OPERATOR];

const passwordOf = (user: string) => `${user}-kafka-password`;
export const databaseUrlOf = (service: string) => `${service}-database-url`;

/** The names of the files that {@link secretsIn} reads, when there are users on the log. */
export const secretFiles = [...users.map(passwordOf), ...owners.map(databaseUrlOf)];

const byName = (names: readonly string[], valueOf: (name: string) => string) =>
  Object.fromEntries(names.map((name) => [name, valueOf(name)]));

function secretIn(dir: string, name: string): string {
  try {
    return readFileSync(join(dir, name), 'utf8').trimEnd();
  } catch {
    throw new Error(`SECRETS_DIR has no file ${name} that can be read: put it there.`);
  }
}
