import pg from 'pg';

/** Who a service is to the database: its own URL, by service name. */
export type DatabaseUrls = Record<string, string>;

/**
 * A database and a role for each name, where the role opens no other database than its own.
 * What is there already is left as it is, but for the password. On a server of our own the
 * databases that PostgreSQL brings are closed to them as well.
 */
export async function ensureDatabases(
  adminUrl: string,
  names: readonly string[],
  passwordOf: (name: string) => string,
  { ownServer = false } = {},
): Promise<{ urls: DatabaseUrls; created: string[] }> {
  const client = new pg.Client({ connectionString: adminUrl, connectionTimeoutMillis: 5_000 });
  client.on('error', () => undefined); // A lost connection also fails the query under way.
  await client.connect().catch((error) => {
    throw unreachable(adminUrl, error);
  });
  try {
    const existing = await namesIn(client, 'select datname as name from pg_database');
    const roles = await namesIn(client, 'select rolname as name from pg_roles');
    for (const name of names) {
      await ensureRole(client, name, passwordOf(name), roles.has(name));
      if (existing.has(name)) continue;
      const database = client.escapeIdentifier(name);
      await client.query(`create database ${database} owner ${database}`);
      // Whoever may not connect cannot look, whatever the tables allow.
      await client.query(`revoke connect, temporary on database ${database} from public`);
    }
    if (ownServer) await client.query('revoke connect on database postgres, template1 from public');
    return {
      urls: Object.fromEntries(
        names.map((name) => [name, urlOf(adminUrl, name, passwordOf(name))]),
      ),
      created: names.filter((name) => !existing.has(name)),
    };
  } finally {
    await client.end();
  }
}

async function namesIn(client: pg.Client, query: string): Promise<Set<string>> {
  const { rows } = await client.query<{ name: string }>(query);
  return new Set(rows.map(({ name }) => name));
}

async function ensureRole(
  client: pg.Client,
  name: string,
  password: string,
  exists: boolean,
): Promise<void> {
  const role = client.escapeIdentifier(name);
  const verb = exists ? 'alter' : 'create';
  await client.query(`${verb} role ${role} login password ${client.escapeLiteral(password)}`);
  // Who is no superuser may only give a database to a role it is a member of.
  if (!exists) await client.query(`grant ${role} to current_user`);
}

/** A service's own database on the server of this address. */
export function urlOf(adminUrl: string, name: string, password: string): string {
  const url = new URL(adminUrl);
  Object.assign(url, { username: name, password, pathname: `/${name}` });
  return url.href;
}

function unreachable(adminUrl: string, error: Error & { code?: string }): Error {
  const { host } = new URL(adminUrl);
  // Without a password the client itself gives up, with an error that has no code.
  if (error.code?.startsWith('28') || error.message.startsWith('SASL')) {
    return new Error(
      `PostgreSQL at ${host} refuses the user or password in DATABASE_URL: mend it.`,
    );
  }
  if (error.code === '3D000') {
    return new Error(`PostgreSQL at ${host} has no database of the name in DATABASE_URL: mend it.`);
  }
  const orElse = 'start it, or unset DATABASE_URL to use the embedded one';
  return new Error(`No PostgreSQL answers at ${host}, where DATABASE_URL points: ${orElse}.`);
}
