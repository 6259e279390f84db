import { readFileSync } from 'node:fs';
import { z } from 'zod';
import { refuseHalfLogin, securitySettings } from '#log/security';
import type { SecuritySettings } from '#log/security';
import { services } from '../../manifest.ts';

/** Injection token of the configuration, read once from the environment at start. */
export const CONFIG = Symbol('CONFIG');

/** A port number from the environment. */
export const Port = z.coerce.number().int().min(0).max(65_535);

/** What every process of ours reads. */
export const processConfig = z.object({
  PORT: Port,
  /** Where health and metrics are answered instead, so that the other port can be open to the public. */
  HEALTH_PORT: Port.optional(),
  LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info'),
  /** How long a door goes on answering when it is told to stop: until its callers know. */
  DRAIN_SECONDS: z.coerce.number().int().min(0).max(60).default(0),
  /** Where OpenTelemetry traces go (OTLP over HTTP); empty or unset: nowhere. */
  OTEL_EXPORTER_OTLP_ENDPOINT: z
    .string()
    .regex(/^(https?:\/\/\S+)?$/, 'must be an address as in http://collector:4318')
    .optional(),
  /** Of the traces that begin here, this share is sent. */
  OTEL_TRACES_SAMPLER_ARG: z.coerce.number().min(0).max(1).default(1),
  SERVICE_INSTANCE: z.string().min(1).max(100).optional(),
  SERVICE_VERSION: z.string().min(1).max(60).default('1'),
});
export type ProcessConfig = z.output<typeof processConfig>;

/** What a service that is on the log reads. */
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
  ...processConfig.shape,
});
export type ServiceConfig = z.output<typeof serviceConfig>;

/** What a service reads beside its own: one that is not on the log is not told where it is. */
export function commonConfigOf(service: string): z.ZodObject<typeof processConfig.shape> {
  const row = services.find(({ name }) => name === service);
  return row?.reads === null ? processConfig : serviceConfig;
}

/** A setting is missing or wrong. The message names the variable and what to do, not its value. */
export class ConfigError extends Error {}

/** Reads the settings of a service. Throws {@link ConfigError}. */
export function readConfig<S extends z.ZodRawShape, C extends z.ZodRawShape>(
  common: z.ZodObject<C>,
  own: z.ZodObject<S>,
  processEnvironment: NodeJS.ProcessEnv = process.env,
): z.output<z.ZodObject<C>> & z.output<z.ZodObject<S>> {
  const settings = z
    .object({ ...common.shape, ...own.shape })
    .superRefine((given, context) => refuseHalfLogin(given as SecuritySettings, context));
  const environment = withFiles(processEnvironment, Object.keys(settings.shape));
  const result = settings.safeParse(environment);
  if (result.success) return result.data as never;
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
