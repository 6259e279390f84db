import { join } from 'node:path';
import { withoutLogin } from '../tools/start/logins.ts';
import { ServiceProcess } from '../tools/start/service-process.ts';
import { freePort } from '../tools/start/ports.ts';
import type { Result } from './figures.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withServers } from './servers.ts';
import type { Servers } from './servers.ts';
import { withSides } from './side.ts';

const CONNECTIONS = 64;

/** How many hits the collector takes, and how long they wait, beside bare Fastify routes. */
export function collector(run: Run): Promise<Result[]> {
  const ms = run.quick ? 1500 : 4000;
  return withServers((servers) =>
    withSides(async (start) => {
      const load = await start('load', {});
      const own = await service(servers, 'collector', 'apps/collector/src/main', run);
      const batched = await service(servers, 'append', 'bench/sides/door', run);
      const bare = await service(servers, 'answer', 'bench/sides/door', run);
      const post = (port: number) => () => load.round({ port, connections: CONNECTIONS, ms });
      const sides = { collector: post(own), batched: post(batched), bare: post(bare) };
      const measured = await rounds(run.quick ? 2 : 5, sides, run);
      const all = Object.values(measured).flat();
      if (all.some(({ loadCpu }) => loadCpu! > 0.9)) {
        run.say('The load generator was busy all the time: the real figures are higher.');
      }
      const result = (name: string, measure: string, peer: 'batched' | 'bare') =>
        resultOf(name, each(measured.collector, measure), each(measured[peer], measure));
      return [
        result('collector', 'perSecond', 'batched'),
        result('collector-p99', 'p99', 'batched'),
        result('collector-bare', 'perSecond', 'bare'),
        result('collector-bare-p99', 'p99', 'bare'),
      ];
    }),
  );
}

/** All of them as the launcher runs a service, with the same memory. Answers with the port. */
async function service(servers: Servers, name: string, script: string, run: Run): Promise<number> {
  const { dir, brokers } = servers;
  const port = await freePort();
  const env = {
    ...withoutLogin(process.env),
    NODE_ENV: 'production',
    KAFKA_BROKERS: brokers.join(','),
    DELIVERIES_SECRET: 'bench',
    DOOR: name,
  };
  await new ServiceProcess({
    instance: name,
    script: `dist/${script}.js`,
    port,
    env,
    pidFile: join(dir, 'services', `${name}.pid`),
    logFile: join(dir, 'logs', `${name}.log`),
    say: run.say,
  }).start();
  return port;
}
