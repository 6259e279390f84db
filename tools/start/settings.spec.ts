import { services } from '../../manifest.ts';
import { portsToBind, readSettings } from './settings.ts';

const read = (env: Record<string, string>) => readSettings(env, services);
const all = services.map(({ name }) => name);

test('nothing set: the ports and the folder that the documents name', () => {
  expect(read({})).toEqual({
    dir: '.streamside',
    kafkaPort: 19_092,
    postgresPort: 15_432,
    servicePorts: { collector: 4002, shop: 4000, simulator: 4009 },
    kafkaBrokers: null,
    kafkaSasl: false,
    kafkaLogin: {},
    databaseUrl: null,
  });
});

test('each port moves by its variable', () => {
  const env = { SHOP_PORT: '1', COLLECTOR_PORT: '2', SIMULATOR_PORT: '3', KAFKA_PORT: '4' };
  const { servicePorts, kafkaPort } = read({ ...env, STREAMSIDE_DIR: '/tmp/x' });
  expect({ servicePorts, kafkaPort }).toEqual({
    servicePorts: { shop: 1, collector: 2, simulator: 3 },
    kafkaPort: 4,
  });
});

test('own servers bind no port here', () => {
  const own = { KAFKA_BROKERS: 'a:9092, b:9092', DATABASE_URL: 'postgres://me:pw@db/postgres' };
  const settings = read(own);
  expect(settings.kafkaBrokers).toEqual(['a:9092', 'b:9092']);
  expect(portsToBind(settings, ['shop'], services).map(({ variable }) => variable)).toEqual([
    'SHOP_PORT',
  ]);
});

test('users on your own Kafka are made by a user of it', () => {
  const own = { KAFKA_BROKERS: 'a:9092', KAFKA_SASL: '1' };
  expect(() => read(own)).toThrow('set KAFKA_USERNAME and KAFKA_PASSWORD to one who may do that');
  expect(read({ ...own, KAFKA_USERNAME: 'me', KAFKA_PASSWORD: 'pw' }).kafkaSasl).toBe(true);
});

test('the ports of services that do not start are not asked for', () => {
  const bound = portsToBind(read({}), ['feedback'], services);
  expect(bound.map(({ variable }) => variable)).toEqual(['KAFKA_PORT', 'POSTGRES_PORT']);
});

test('two things on one port are refused before anything starts', () => {
  const settings = read({ SHOP_PORT: '19092' });
  const sentence = 'SHOP_PORT and KAFKA_PORT are both 19092: change one.';
  expect(() => portsToBind(settings, all, services)).toThrow(sentence);
});

test.each([
  [{ SHOP_PORT: 'http' }, 'SHOP_PORT must be a port, a number from 1 to 65535.'],
  [{ KAFKA_PORT: '65536' }, 'KAFKA_PORT must be a port'],
  [{ POSTGRES_PORT: '-1' }, 'POSTGRES_PORT must be a port'],
  [{ KAFKA_BROKERS: 'localhost' }, 'KAFKA_BROKERS must be host:port'],
  [{ KAFKA_SASL: 'yes' }, 'KAFKA_SASL must be 1, for users and rights, or 0.'],
  [{ DATABASE_URL: 'mysql://me:secret@db/x' }, 'DATABASE_URL must look like postgres://'],
])('%j is answered with a sentence', (env, sentence) => {
  expect(() => read(env as Record<string, string>)).toThrow(sentence);
});

test('a wrong DATABASE_URL is not repeated: it may hold a password', () => {
  expect(() => read({ DATABASE_URL: 'mysql://me:secret@db/x' })).not.toThrow(/secret/);
});
