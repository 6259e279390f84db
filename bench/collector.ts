import type { Result } from './figures.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withServers } from './servers.ts';
import { serviceProcess } from './services.ts';
import { withSides } from './side.ts';

const CONNECTIONS = 64;

/** How many hits the collector takes, and how long they wait, beside bare Fastify routes. */
export function collector(run: Run): Promise<Result[]> {
  const ms = run.quick ? 1500 : 4000;
  return withServers((servers) =>
    withSides(async (start) => {
      const load = await start('load', {});
      const door = (name: string, script: string) =>
        serviceProcess(servers, name, script, { DELIVERIES_SECRET: 'bench', DOOR: name }, run);
      const doors = [
        door('collector', 'services/collector'),
        door('append', 'bench/sides/door'),
        door('answer', 'bench/sides/door'),
      ];
      for (const each of doors) await each.start();
      const [own, batched, bare] = doors.map(({ port }) => port) as [number, number, number];
      const post = (port: number) => () => load.round({ port, connections: CONNECTIONS, ms });
      const sides = { collector: post(own), batched: post(batched), bare: post(bare) };
      const measured = await rounds(run.quick ? 2 : 5, sides, run);
      await Promise.all(doors.map((each) => each.stop())); // Killed, they would start again.
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
