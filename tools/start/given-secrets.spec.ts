import { cpSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { databaseUrlsIn, secretsIn } from './given-secrets.ts';

const DEVELOPMENT = 'deploy/development-secrets';
let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'secrets-'));
  cpSync(DEVELOPMENT, dir, { recursive: true });
});
afterEach(() => rmSync(dir, { recursive: true }));

test('databases and users of the manifest, without the end of the line', () => {
  const { urls, passwords } = secretsIn(dir);
  expect(urls.shop).toBe('postgres://shop:development-only-shop@postgres:5432/shop');
  expect(passwords).toMatchObject({ tail: 'development-only-tail', shop: 'development-only-shop' });
  expect(passwords).not.toHaveProperty('admin');
});

test('no users on the log, when none has a password', () => {
  for (const name of readdirSync(dir)) {
    if (name.endsWith('-kafka-password')) rmSync(join(dir, name));
  }
  expect(secretsIn(dir).passwords).toBeNull();
});

test.each(['feedback-kafka-password', 'ordering-database-url'])('%s is missed', (name) => {
  rmSync(join(dir, name));
  expect(() => secretsIn(dir)).toThrow(`SECRETS_DIR has no file ${name} that can be read`);
});

test('the addresses that are there, when not all are given', () => {
  expect(databaseUrlsIn(dir)).toHaveLength(5);
  rmSync(join(dir, 'ordering-database-url'));
  expect(databaseUrlsIn(dir)).toEqual(
    ['shop', 'inventory', 'recommendations', 'feedback'].map(
      (name) => `postgres://${name}:development-only-${name}@postgres:5432/${name}`,
    ),
  );
});
