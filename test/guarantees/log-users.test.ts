import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { grantAccess } from '#log/access';
import type { Grant } from '#log/access';
import { checkLogin, connectKafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import { createTopics } from '#log/topics';
import type { Security } from '#log/security';
import { startBroker } from '../../tools/kafka/broker.ts';
import type { Broker } from '../../tools/kafka/broker.ts';
import { freePorts } from '../../tools/start/ports.ts';
import { startGuard } from '../../tools/start/guard.ts';

/* A log that began without users, as its owner turns them on. */

const admin = { username: 'admin', password: 'of-the-admin' };
const login = (username: string, password: string, mechanism: 'plain' | 'scram-sha-512') => ({
  tls: false,
  login: { username, password, mechanism },
});
const asAdmin = login(admin.username, admin.password, 'plain');

let broker: Broker;
let outside: string;
let release: () => Promise<void>;
beforeAll(async () => {
  outside = mkdtempSync(join(tmpdir(), 'streamside-users-'));
  ({ release } = startGuard(outside));
  const [port, controllerPort] = await freePorts(2);
  const settings = { dir: join(outside, 'kafka'), port: port!, controllerPort: controllerPort! };
  broker = await startBroker(settings);
  await createTopics(broker.brokers);
  await broker.stop();
  broker = await startBroker({ ...settings, admin });
}, 150_000);
afterAll(async () => {
  await release();
  rmSync(outside, { recursive: true, force: true });
}, 30_000);

const grant = (passwords: Record<string, string>, grants: readonly Grant[]) =>
  grantAccess({ brokers: broker.brokers, security: asAdmin, passwords, grants });

async function visibleTo(security: Security): Promise<string[]> {
  const client = connectKafka(broker.brokers, 'users-test', silent, security);
  await checkLogin(client, security);
  const asking = client.admin();
  await asking.connect();
  try {
    return (await asking.listTopics()).toSorted();
  } finally {
    await asking.disconnect();
  }
}

it('gives users to a log that had none, and takes away what is no longer theirs', async () => {
  const reads = (user: string, name: string): Grant => ({ user, on: 'topic', name, may: 'read' });
  const passwords = { shop: 'first', ordering: 'other' };
  const both = [reads('shop', 'orders'), reads('shop', 'visitors'), reads('ordering', 'orders')];
  expect(await grant(passwords, both)).toEqual({ granted: 3, revoked: 0 });
  expect(await visibleTo(login('shop', 'first', 'scram-sha-512'))).toEqual(['orders', 'visitors']);

  expect(await grant(passwords, both)).toEqual({ granted: 0, revoked: 0 });
  expect(await grant({ shop: 'second' }, [reads('shop', 'stock')])).toEqual({
    granted: 1,
    revoked: 2,
  });
  expect(await visibleTo(login('shop', 'second', 'scram-sha-512'))).toEqual(['stock']);
  await expect(visibleTo(login('shop', 'first', 'scram-sha-512'))).rejects.toThrow(
    'Kafka does not let the user shop in',
  );
  expect(await visibleTo(login('ordering', 'other', 'scram-sha-512'))).toEqual(['orders']);
}, 60_000);
