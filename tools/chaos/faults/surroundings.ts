import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../faults.ts';
import { between, pick, readers, seconds, victims } from './chance.ts';

const MINUTE_MS = 60_000;
const FULL_MS = 8_000;

export const surroundings: Fault[] = [
  {
    name: 'replicas',
    does: 'replicas added and removed',
    draw(random) {
      const service = pick(readers, random);
      const count = between(2, 3, random);
      const ms = between(2_000, 5_000, random);
      return {
        says: `${count} replicas of ${service} for ${seconds(ms)}`,
        async strike(scene) {
          const { system } = scene.world;
          const hit = await scene.strike([service], () => undefined);
          await system.scale(service, count);
          await pause(ms);
          const more = await scene.strike([service], () => undefined);
          await system.scale(service, 1);
          return { hit: hit + more, liftedAt: performance.now() };
        },
      };
    },
  },
  {
    name: 'clock',
    does: 'a clock that is minutes ahead or behind',
    draw(random) {
      const service = pick(victims, random);
      const sign = random() < 0.5 ? -1 : 1;
      // Signatures of deliveries count for five minutes.
      const offMs = sign * between(2 * MINUTE_MS, 4 * MINUTE_MS, random);
      const ms = between(4_000, 9_000, random);
      return {
        says: `the clock of ${service} off by ${seconds(offMs)} for ${seconds(ms)}`,
        async strike(scene) {
          const file = join(scene.world.clocks, `${service}-1`);
          try {
            const hit = await scene.strike([service], () => writeFileSync(file, `${offMs}`));
            await pause(ms);
            return { hit, liftedAt: performance.now() };
          } finally {
            rmSync(file, { force: true });
          }
        },
      };
    },
  },
  {
    name: 'full-disk',
    does: "the disk of the broker's folder is full",
    missing: ({ rooms }) =>
      rooms.length > 0 ? null : 'a small disk cannot be mounted here: run it as root',
    draw(random) {
      const which = random();
      return {
        says: `no room left for the broker's log`,
        async strike(scene) {
          const { brokers, rooms } = scene.world;
          const i = Math.floor(which * brokers.length);
          const { ended } = brokers[i]!;
          const hit = await scene.strikeAll(() => rooms[i]!.fill());
          const stopped = await Promise.race([ended.then(() => true), pause(FULL_MS, false)]);
          rooms[i]!.empty();
          const liftedAt = performance.now();
          if (stopped) await scene.bringBack(brokers[i]!);
          return { hit, liftedAt };
        },
      };
    },
  },
];
