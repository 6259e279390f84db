import { OPERATOR } from '#contracts/bad';
import { readSecurity } from '#log/security';
import type { Security } from '#log/security';
import type { Service } from '../../manifest.ts';
import { WATCHER } from '../kafka/access.ts';
import { readSecrets } from './secrets.ts';
import type { Settings } from './settings.ts';

/** Who may do everything on the embedded broker: it makes topics, users and rights. */
export const ADMIN = 'admin';

/** Who shows what to the broker, as environment variables of the process. */
export interface Logins {
  admin: NodeJS.ProcessEnv;
  of(service: Service): NodeJS.ProcessEnv;
  /** Of the users that are made, by name; null when nobody makes users. */
  passwords: Readonly<Record<string, string>> | null;
}

const variables = ['KAFKA_USERNAME', 'KAFKA_PASSWORD', 'KAFKA_SASL_MECHANISM', 'KAFKA_TLS'];

/** The login that an environment has, as far as it has one. */
export function loginIn(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  return Object.fromEntries(variables.filter((name) => env[name]).map((name) => [name, env[name]]));
}

/** An environment in which nobody is logged in. */
export function withoutLogin(env: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const names = [...variables, 'KAFKA_SASL'];
  return Object.fromEntries(Object.entries(env).filter(([name]) => !names.includes(name)));
}

/**
 * With KAFKA_SASL each service on the log has a user of its own. Without it a Kafka of your own sees
 * the one login that the environment has, if any, and the embedded one sees none.
 */
export function loginsOf(
  { kafkaSasl, kafkaBrokers, kafkaLogin }: Settings,
  services: readonly Service[],
  secret: (name: string) => string,
): Logins {
  if (!kafkaSasl) {
    const of = ({ reads }: Service) => (reads === null ? {} : kafkaLogin);
    return { admin: kafkaLogin, of, passwords: null };
  }
  const onTheLog = services.filter(({ reads }) => reads !== null).map(({ name }) => name);
  const passwords = Object.fromEntries(
    [...onTheLog, WATCHER, OPERATOR].map((user) => [user, secret(nameOf(user))]),
  );
  const { KAFKA_TLS } = kafkaLogin;
  return {
    admin: kafkaBrokers ? kafkaLogin : adminLogin(secret),
    of: ({ name }) =>
      onTheLog.includes(name)
        ? { KAFKA_USERNAME: name, KAFKA_PASSWORD: passwords[name], ...(KAFKA_TLS && { KAFKA_TLS }) }
        : {},
    passwords,
  };
}

/**
 * How a tool shows the broker who it is: where the launcher made users it is one of them, unless the
 * environment has another login. Throws a sentence when there was no start yet.
 */
export function securityOfTool(
  env: NodeJS.ProcessEnv,
  user: typeof WATCHER | typeof OPERATOR,
): Security {
  if (env.KAFKA_SASL !== '1' || env.KAFKA_USERNAME) return readSecurity(env);
  const dir = env.STREAMSIDE_DIR || '.streamside';
  const KAFKA_PASSWORD = readSecrets(dir)[nameOf(user)];
  if (!KAFKA_PASSWORD) {
    throw new Error(
      `KAFKA_SASL is 1, but ${dir} has no password of ${user}: KAFKA_SASL=1 npm start first.`,
    );
  }
  return readSecurity({ ...env, KAFKA_USERNAME: user, KAFKA_PASSWORD });
}

function adminLogin(secret: (name: string) => string): NodeJS.ProcessEnv {
  const KAFKA_PASSWORD = secret(nameOf(ADMIN));
  return { KAFKA_USERNAME: ADMIN, KAFKA_PASSWORD, KAFKA_SASL_MECHANISM: 'plain' };
}

/** Of the secret that is a user's password. */
const nameOf = (user: string) => `kafka ${user}`;
