import { setTimeout as pause } from 'node:timers/promises';
import kafkajs from 'kafkajs';
import type { AclEntry, Admin } from 'kafkajs';
import { checkLogin, connectKafka } from './kafka.ts';
import { silent } from './log-sink.ts';
import type { Security } from './security.ts';
import { setPasswords } from './users.ts';

// Node finds no names in kafkajs for these.
const { AclOperationTypes, AclPermissionTypes, AclResourceTypes, ResourcePatternTypes } = kafkajs;

const LET_IN_MS = 10_000;

/** A right on the broker. `groups`: all whose names begin with `name`; `*` is every one, of topics too. */
export interface Grant {
  user: string;
  on: 'topic' | 'groups';
  name: string;
  may: 'read' | 'write' | 'delete' | 'describe' | 'describe-configs';
}

const operations = {
  read: AclOperationTypes.READ,
  write: AclOperationTypes.WRITE,
  delete: AclOperationTypes.DELETE,
  describe: AclOperationTypes.DESCRIBE,
  'describe-configs': AclOperationTypes.DESCRIBE_CONFIGS,
};

/**
 * Makes users with these passwords, and gives them these rights: what is missing is granted, and
 * what these users have besides is taken away. Other users stay as they are.
 */
export async function grantAccess(options: {
  brokers: readonly string[];
  /** The login of an administrator. */
  security: Security;
  passwords: Readonly<Record<string, string>>;
  grants: readonly Grant[];
}): Promise<{ granted: number; revoked: number }> {
  const { brokers, security, passwords, grants } = options;
  await setPasswords(brokers, security, passwords);
  const users = Object.entries(passwords);
  await Promise.all(users.map(([user, word]) => untilLetIn(brokers, security, user, word)));
  const admin = connectKafka(brokers, 'streamside-access', silent, security).admin();
  await admin.connect();
  try {
    const wanted = new Map(grants.map(entryOf).map((entry) => [keyOf(entry), entry]));
    const principals = new Set(Object.keys(passwords).map(principalOf));
    const existing = (await entriesOn(admin)).filter(({ principal }) => principals.has(principal));
    const known = new Set(existing.map(keyOf));
    const missing = [...wanted.values()].filter((entry) => !known.has(keyOf(entry)));
    const extra = existing.filter((entry) => !wanted.has(keyOf(entry)));
    if (missing.length > 0) await admin.createAcls({ acl: missing });
    if (extra.length > 0) await admin.deleteAcls({ filters: extra });
    return { granted: missing.length, revoked: extra.length };
  } finally {
    await admin.disconnect();
  }
}

/** A broker takes a password, and learns of it a moment later. */
async function untilLetIn(
  brokers: readonly string[],
  security: Security,
  username: string,
  password: string,
): Promise<void> {
  const login = { username, password, mechanism: 'scram-sha-512' as const };
  const own = { ...security, login };
  for (const limit = Date.now() + LET_IN_MS; ; await pause(50)) {
    try {
      return await checkLogin(connectKafka(brokers, 'streamside-access', silent, own), own);
    } catch (error) {
      if (Date.now() > limit) throw error;
    }
  }
}

async function entriesOn(admin: Admin): Promise<AclEntry[]> {
  const { resources } = await admin.describeAcls({
    resourceType: AclResourceTypes.ANY,
    resourcePatternType: ResourcePatternTypes.ANY,
    operation: AclOperationTypes.ANY,
    permissionType: AclPermissionTypes.ANY,
  });
  return resources.flatMap(({ resourceType, resourceName, resourcePatternType, acls }) =>
    acls.map((acl) => ({ ...acl, resourceType, resourceName, resourcePatternType })),
  );
}

function entryOf({ user, on, name, may }: Grant): AclEntry {
  const ofTopic = on === 'topic';
  const literal = ofTopic || name === '*';
  return {
    principal: principalOf(user),
    host: '*',
    operation: operations[may],
    permissionType: AclPermissionTypes.ALLOW,
    resourceType: ofTopic ? AclResourceTypes.TOPIC : AclResourceTypes.GROUP,
    resourceName: name,
    resourcePatternType: literal ? ResourcePatternTypes.LITERAL : ResourcePatternTypes.PREFIXED,
  };
}

const principalOf = (user: string) => `User:${user}`;

function keyOf(entry: AclEntry): string {
  const { principal, host, operation, permissionType } = entry;
  const { resourceType, resourceName, resourcePatternType } = entry;
  return [principal, host, operation, permissionType, resourceType, resourcePatternType]
    .concat(resourceName)
    .join(' ');
}
