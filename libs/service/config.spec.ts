import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { commonConfigOf, readConfig, serviceConfig } from './config.ts';

const least = { KAFKA_BROKERS: 'kafka:9092', PORT: '8080' };
const own = z.object({ TOKEN: z.string() });
let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'config-'));
  writeFileSync(join(dir, 'url'), 'postgres://shop:secret@db/shop\n');
  writeFileSync(join(dir, 'token'), 'of a file');
});
afterAll(() => rmSync(dir, { recursive: true }));

test('a setting may be the content of a file', () => {
  const files = { DATABASE_URL_FILE: join(dir, 'url'), TOKEN_FILE: join(dir, 'token') };
  const settings = readConfig(serviceConfig, own, { ...least, ...files });
  expect(settings.DATABASE_URL).toBe('postgres://shop:secret@db/shop');
  expect(settings.TOKEN).toBe('of a file');
});

test('what is set empty, or is no setting, is no file', () => {
  const environment = { ...least, TOKEN: 'as it is', TOKEN_FILE: '', SSL_CERT_FILE: '/nowhere' };
  expect(readConfig(serviceConfig, own, environment).TOKEN).toBe('as it is');
});

test.each([
  [{ TOKEN: 'one', TOKEN_FILE: 'two' }, 'TOKEN and TOKEN_FILE are both set: unset one of them.'],
  [{ TOKEN_FILE: '/nowhere' }, 'TOKEN_FILE names a file that cannot be read (ENOENT): mend it.'],
  [{}, 'TOKEN is missing. Set it in the environment of this service.'],
])('%j is answered with a sentence', (environment, sentence) => {
  expect(() => readConfig(serviceConfig, own, { ...least, ...environment })).toThrow(sentence);
});

test('who is not on the log is not asked where it is; who is, is', () => {
  const read = (service: string) => () =>
    readConfig(commonConfigOf(service), z.object({}), { PORT: '1' });
  expect(read('simulator')()).not.toHaveProperty('KAFKA_BROKERS');
  expect(read('collector')).toThrow('KAFKA_BROKERS is missing.');
});
