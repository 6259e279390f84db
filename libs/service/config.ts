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
  environment: NodeJS.ProcessEnv = process.env,
): ServiceConfig & z.output<z.ZodObject<S>> {
  const result = serviceConfig
    .extend(own.shape)
    .superRefine((settings, context) => refuseHalfLogin(settings as ServiceConfig, context))
    .safeParse(environment);
  if (result.success) return result.data as unknown as ServiceConfig & z.output<z.ZodObject<S>>;
  const lines = result.error.issues.map(({ path, code, message }) => {
    const name = path.join('.');
    const missing = code === 'invalid_type' && environment[name] === undefined;
    return `${name} ${missing ? 'is missing' : message}`;
  });
  throw new ConfigError(`${lines.join('; ')}. Set it in the environment of this service.`);
}
