import { clientSecurity, open, readSecurity } from './security.ts';

const login = { KAFKA_USERNAME: 'shop', KAFKA_PASSWORD: 'secret-word' };

it('is open when nothing is set', () => {
  expect(readSecurity({})).toEqual(open);
  expect(clientSecurity(open)).toEqual({ ssl: false });
});

it.each([
  [{}, 'scram-sha-512', false],
  [{ KAFKA_SASL_MECHANISM: 'scram-sha-256', KAFKA_TLS: '1' }, 'scram-sha-256', true],
  [{ KAFKA_SASL_MECHANISM: 'plain' }, 'plain', false],
])('a login with %j', (more, mechanism, ssl) => {
  const sasl = { username: 'shop', password: 'secret-word', mechanism };
  expect(clientSecurity(readSecurity({ ...login, ...more }))).toEqual({ ssl, sasl });
});

it.each<[NodeJS.ProcessEnv, string]>([
  [{ KAFKA_USERNAME: 'shop' }, 'KAFKA_PASSWORD is missing beside KAFKA_USERNAME.'],
  [{ KAFKA_PASSWORD: 'secret-word' }, 'KAFKA_USERNAME is missing beside KAFKA_PASSWORD.'],
  [{ ...login, KAFKA_PASSWORD: '' }, 'KAFKA_PASSWORD must not be empty.'],
  [{ KAFKA_TLS: 'secret-word' }, 'KAFKA_TLS must be 0 or 1.'],
  [
    { KAFKA_SASL_MECHANISM: 'secret-word' },
    'KAFKA_SASL_MECHANISM must be scram-sha-512, scram-sha-256 or plain.',
  ],
])('%j is answered with a sentence', (env, sentence) => {
  expect(() => readSecurity(env)).toThrow(new Error(sentence));
});
