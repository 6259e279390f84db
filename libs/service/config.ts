import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { refuseHalfLogin, securitySettings } from '#log/security';

/** Injection token of the configuration, read once from the environment at start. */
export const CONFIG = Symbol('CONFIG');

/** A port number from the environment. */
export const Port = z.coerce.number().int().min(0).max(65_535);

/** What every service reads. */
export const serviceConfig = z.object({
  KAFKA_BROKERS: z
    .string()
    .regex(/^[^\s,:]+:\d+(,[^\s,:]+:\d+)*$/, 'must be host:port, or several with commas')
    .transform((brokers) => brokers.split(',')),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must be a postgres:// address')
    .optional(),
  ...securitySettings.shape,
  PORT: Port,
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  /** How long a door goes on answering when it is told to stop: until its callers know. */
  DRAIN_SECONDS: z.coerce.number().int().min(0).max(60).default(0),
  SERVICE_INSTANCE: z.string().min(1).max(100).optional(),
  SERVICE_VERSION: z.string().min(1).max(60).default('1'),
});
export type ServiceConfig = z.output<typeof serviceConfig>;

/** A setting is missing or wrong. The message names the variable and what to do, not its value. */
export class ConfigError extends Error {}

/** Reads the settings of a service. Throws {@link ConfigError}. */
export function readConfig<S extends z.ZodRawShape>(
  own: z.ZodObject<S>,
  processEnvironment: NodeJS.ProcessEnv = process.env,
): ServiceConfig & z.output<z.ZodObject<S>> {
  const settings = serviceConfig
    .extend(own.shape)
    .superRefine((given, context) => refuseHalfLogin(given as ServiceConfig, context));
  const environment = withFiles(processEnvironment, Object.keys(settings.shape));
  const result = settings.safeParse(environment);
  if (result.success) return result.data as unknown as ServiceConfig & z.output<z.ZodObject<S>>;
  const lines = result.error.issues.map(({ path, code, message }) => {
    const name = path.join('.');
    const missing = code === 'invalid_type' && environment[name] === undefined;
    return `${name} ${missing ? 'is missing' : message}`;
  });
  throw new ConfigError(`${lines.join('; ')}. Set it in the environment of this service.`);
}

/**
 * The environment, where a setting may also be the content of a file that `<NAME>_FILE` names: so
 * containers are given secrets. Throws {@link ConfigError}.
 */
export function withFiles(
  environment: NodeJS.ProcessEnv,
  names: readonly string[],
): NodeJS.ProcessEnv {
  const given = names.filter((name) => environment[`${name}_FILE`]);
  const contents = given.map((name) => {
    if (environment[name]) {
      throw new ConfigError(`${name} and ${name}_FILE are both set: unset one of them.`);
    }
    try {
      return [name, readFileSync(environment[`${name}_FILE`]!, 'utf8').trimEnd()];
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      throw new ConfigError(`${name}_FILE names a file that cannot be read (${code}): mend it.`);
    }
  });
  return { ...environment, ...Object.fromEntries(contents) };
}
