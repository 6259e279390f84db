import { setTimeout as pause } from 'node:timers/promises';
import type { Fault, Struck } from '../faults.ts';
import type { Scene } from '../scene.ts';
import { between, pick, seconds, victims } from './chance.ts';

/** The session timeout of a group is 6 s, and of a broker. */
const LONGER_THAN_SESSION_MS = [7_000, 10_000] as const;

function signal({ world }: Scene, service: string, name: NodeJS.Signals): void {
  const pid = world.pidOf(`${service}-1`);
  if (pid === null) throw new Error(`${service}-1 does not run, so ${name} cannot reach it.`);
  process.kill(pid, name);
}

async function kill(scene: Scene, services: readonly string[]): Promise<Struck> {
  let liftedAt = 0;
  const hit = await scene.strike(services, () => {
    for (const service of services) signal(scene, service, 'SIGKILL');
    liftedAt = performance.now();
  });
  return { hit, liftedAt };
}

async function killServer(
  scene: Scene,
  server: { pid: number; restart(): Promise<void> },
): Promise<Struck> {
  let liftedAt = 0;
  const hit = await scene.strikeAll(() => {
    process.kill(server.pid, 'SIGKILL');
    liftedAt = performance.now();
  });
  await scene.bringBack(server);
  return { hit, liftedAt };
}

export const kills: Fault[] = [
  {
    name: 'kill',
    does: 'kill -9 of a service',
    draw(random) {
      const victim = pick(victims, random);
      return { says: `kill -9 ${victim}`, strike: (scene) => kill(scene, [victim]) };
    },
  },
  {
    name: 'kill-two',
    does: 'kill -9 of two services at once',
    draw(random) {
      const first = pick(victims, random);
      const second = pick(
        victims.filter((name) => name !== first),
        random,
      );
      const strike = (scene: Scene) => kill(scene, [first, second]);
      return { says: `kill -9 ${first} and ${second}`, strike };
    },
  },
  {
    name: 'kill-broker',
    does: 'kill -9 of the broker',
    draw(random) {
      const partition = between(0, 5, random);
      return {
        says: `kill -9 the broker that leads orders-${partition}`,
        strike: async (scene) => killServer(scene, await scene.leaderOf('orders', partition)),
      };
    },
  },
  {
    name: 'pause-broker',
    does: 'SIGSTOP of the broker, longer than its own session',
    draw(random) {
      const partition = between(0, 5, random);
      const ms = between(...LONGER_THAN_SESSION_MS, random);
      return {
        says: `pause the broker that leads orders-${partition} for ${seconds(ms)}`,
        async strike(scene) {
          const { pid } = await scene.leaderOf('orders', partition);
          const hit = await scene.strikeAll(() => process.kill(pid, 'SIGSTOP'));
          await pause(ms);
          process.kill(pid, 'SIGCONT');
          return { hit, liftedAt: performance.now() };
        },
      };
    },
  },
  {
    name: 'kill-postgres',
    does: 'kill -9 of PostgreSQL',
    draw: () => ({
      says: 'kill -9 PostgreSQL',
      strike: (scene) => killServer(scene, scene.world.postgres),
    }),
  },
  {
    name: 'pause',
    does: 'SIGSTOP longer than the session timeout',
    draw(random) {
      const victim = pick(victims, random);
      const ms = between(...LONGER_THAN_SESSION_MS, random);
      return {
        says: `pause ${victim} for ${seconds(ms)}`,
        async strike(scene) {
          const hit = await scene.strike([victim], () => signal(scene, victim, 'SIGSTOP'));
          await pause(ms);
          signal(scene, victim, 'SIGCONT');
          return { hit, liftedAt: performance.now() };
        },
      };
    },
  },
];
