import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { services } from '../../manifest.ts';
import { loginsOf, securityOfTool, withoutLogin } from './logins.ts';
import { openSecrets } from './secrets.ts';
import { readSettings } from './settings.ts';

const secret = (name: string) => `secret of ${name}`;
const shop = services.find(({ name }) => name === 'shop')!;
const simulator = services.find(({ name }) => name === 'simulator')!;
const own = { KAFKA_BROKERS: 'a:9092', KAFKA_USERNAME: 'me', KAFKA_PASSWORD: 'pw', KAFKA_TLS: '1' };
const made = (env: NodeJS.ProcessEnv) => loginsOf(readSettings(env, services), services, secret);

it('shows nothing to the embedded broker, whatever the environment has', () => {
  const { admin, of, passwords } = made({ KAFKA_USERNAME: 'me', KAFKA_PASSWORD: 'pw' });
  expect([admin, of(shop), passwords]).toEqual([{}, {}, null]);
});

it('gives who is on the log the login at your own Kafka, when that makes no users', () => {
  const { KAFKA_BROKERS: _, ...login } = own;
  const { admin, of, passwords } = made(own);
  expect([admin, of(shop), passwords]).toEqual([login, login, null]);
  expect(of(simulator)).toEqual({});
});

it('gives each service on the log a login of its own, and nobody else', () => {
  const { admin, of, passwords } = made({ KAFKA_SASL: '1' });
  expect(of(shop)).toEqual({ KAFKA_USERNAME: 'shop', KAFKA_PASSWORD: 'secret of kafka shop' });
  expect(of(simulator)).toEqual({});
  expect(admin).toMatchObject({ KAFKA_USERNAME: 'admin', KAFKA_SASL_MECHANISM: 'plain' });
  expect(Object.keys(passwords!)).toEqual([
    ...['collector', 'shop', 'ordering', 'inventory', 'recommendations', 'feedback'],
    ...['tail', 'operator'],
  ]);
});

it('makes users on your own Kafka with your login, over TLS as you do', () => {
  const { admin, of } = made({ ...own, KAFKA_SASL: '1' });
  expect(admin).toMatchObject({ KAFKA_USERNAME: 'me', KAFKA_TLS: '1' });
  expect(of(shop)).toMatchObject({ KAFKA_USERNAME: 'shop', KAFKA_TLS: '1' });
});

it('takes a login out of an environment', () => {
  expect(withoutLogin({ ...own, KAFKA_SASL: '1', PATH: '/bin' })).toEqual({
    KAFKA_BROKERS: 'a:9092',
    PATH: '/bin',
  });
});

describe('a tool', () => {
  let dir: string;
  beforeEach(() => (dir = mkdtempSync(join(tmpdir(), 'logins-'))));
  afterEach(() => rmSync(dir, { recursive: true }));

  it('shows nothing, or the login of its environment', () => {
    expect(securityOfTool({}, 'tail').login).toBeNull();
    const login = { username: 'me', password: 'pw', mechanism: 'scram-sha-512' };
    expect(securityOfTool({ ...own, KAFKA_SASL: '1' }, 'tail')).toEqual({ tls: true, login });
  });

  it('is a user of the launcher where that made some', () => {
    const env = { KAFKA_SASL: '1', STREAMSIDE_DIR: dir };
    openSecrets(dir)('deliveries');
    expect(() => securityOfTool(env, 'tail')).toThrow(
      `KAFKA_SASL is 1, but ${dir} has no password of tail: KAFKA_SASL=1 npm start first.`,
    );
    const password = openSecrets(dir)('kafka tail');
    expect(securityOfTool(env, 'tail').login).toMatchObject({ username: 'tail', password });
  });
});
