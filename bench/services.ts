import { join } from 'node:path';
import { withoutLogin } from '../tools/start/logins.ts';
import { ServiceProcess } from '../tools/start/service-process.ts';
import type { Run } from './rounds.ts';
import type { Servers } from './servers.ts';

/** `dist/<script>.js` as the launcher runs a service, with the same memory. */
export function serviceProcess(
  { dir, brokers }: Servers,
  name: string,
  script: string,
  env: NodeJS.ProcessEnv,
  { say }: Run,
  { catchesUp = false } = {},
): ServiceProcess {
  return new ServiceProcess({
    instance: name,
    script: `dist/${script}.js`,
    port: null,
    env: {
      ...withoutLogin(process.env),
      NODE_ENV: 'production',
      KAFKA_BROKERS: brokers.join(','),
      ...env,
    },
    pidFile: join(dir, 'services', `${name}.pid`),
    logFile: join(dir, 'logs', `${name}.log`),
    say,
    catchesUp,
  });
}
