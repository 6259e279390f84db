import { z } from 'zod';
import type { SASLOptions } from 'kafkajs';

/** How a process shows the broker who it is; a broker without users wants none of it. */
export const securitySettings = z.object({
  KAFKA_USERNAME: z.string().min(1, 'must not be empty').optional(),
  KAFKA_PASSWORD: z.string().min(1, 'must not be empty').optional(),
  KAFKA_SASL_MECHANISM: z
    .enum(['scram-sha-512', 'scram-sha-256', 'plain'], {
      error: 'must be scram-sha-512, scram-sha-256 or plain',
    })
    .default('scram-sha-512'),
  /** 1: talk TLS. NODE_EXTRA_CA_CERTS names an authority that Node does not know. */
  KAFKA_TLS: z.enum(['0', '1'], { error: 'must be 0 or 1' }).default('0'),
});
export type SecuritySettings = z.output<typeof securitySettings>;

export interface Security {
  readonly tls: boolean;
  readonly login: {
    readonly username: string;
    readonly password: string;
    readonly mechanism: SecuritySettings['KAFKA_SASL_MECHANISM'];
  } | null;
}

/** No users, no TLS: the embedded broker as it comes. */
export const open: Security = { tls: false, login: null };

/** For zod's `superRefine`: user and password, or neither. */
export function refuseHalfLogin(settings: SecuritySettings, context: z.RefinementCtx): void {
  const pair = ['KAFKA_USERNAME', 'KAFKA_PASSWORD'] as const;
  const missing = pair.filter((name) => settings[name] === undefined);
  if (missing.length !== 1) return;
  const given = pair.find((name) => name !== missing[0]);
  context.addIssue({ code: 'custom', path: [missing[0]!], message: `is missing beside ${given}` });
}

export function securityOf(settings: SecuritySettings): Security {
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = settings;
  const mechanism = settings.KAFKA_SASL_MECHANISM;
  return {
    tls: settings.KAFKA_TLS === '1',
    login: username && password ? { username, password, mechanism } : null,
  };
}

/** From the environment of a tool. Throws a sentence that names the variable, never its value. */
export function readSecurity(environment: NodeJS.ProcessEnv): Security {
  const result = securitySettings.superRefine(refuseHalfLogin).safeParse(environment);
  if (result.success) return securityOf(result.data);
  const [{ path, message }] = result.error.issues as [z.core.$ZodIssue];
  throw new Error(`${path.join('.')} ${message}.`);
}

/** The part of kafkajs' options that follows from it; a copy, as kafkajs writes into it. */
export function clientSecurity({ tls, login }: Security): { ssl: boolean; sasl?: SASLOptions } {
  return { ssl: tls, ...(login && { sasl: { ...login } as SASLOptions }) };
}
