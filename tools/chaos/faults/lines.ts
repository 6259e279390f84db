import { setTimeout as pause } from 'node:timers/promises';
import type { Fault } from '../faults.ts';
import type { Line } from '../proxy.ts';
import type { Scene } from '../scene.ts';
import { between, pick, readers, seconds, victims } from './chance.ts';

type To = 'log' | 'database';

export function setLine({ world }: Scene, service: string, to: To, line: Line): void {
  const { log, database } = world.lines;
  for (const proxy of to === 'log' ? log : [database]) proxy.set(service, line);
}

/** A service and one of the two that it speaks with. */
function drawLine(random: () => number): { victim: string; to: To } {
  const to = random() < 0.5 ? 'log' : 'database';
  return { victim: pick(to === 'log' ? victims : readers, random), to };
}

/** Spoils the line to one service for a while. */
function spoil(
  name: string,
  does: string,
  lengthMs: readonly [number, number],
  lineOf: (random: () => number) => Line,
): Fault {
  return {
    name,
    does,
    draw(random) {
      const { victim, to } = drawLine(random);
      const ms = between(...lengthMs, random);
      const line = lineOf(random);
      const by = typeof line === 'object' ? ` by ${line.delayMs} ms` : '';
      return {
        says: `${name}${by} between ${victim} and the ${to} for ${seconds(ms)}`,
        async strike(scene) {
          try {
            const hit = await scene.strike([victim], () => setLine(scene, victim, to, line));
            await pause(ms);
            return { hit, liftedAt: performance.now() };
          } finally {
            setLine(scene, victim, to, 'whole');
          }
        },
      };
    },
  };
}

const FULL_ROWS = 1500;
const FULL_LIMIT_MS = 20_000;

export const lines: Fault[] = [
  spoil('cut', 'connections cut, to the log or a database', [2_000, 9_000], () => 'cut'),
  spoil('delay', 'all that is said arrives late', [4_000, 8_000], (random) => ({
    delayMs: between(100, 500, random),
  })),
  spoil(
    'half-open',
    'connections that stay open and carry nothing',
    [5_000, 12_000],
    () => 'half-open',
  ),
  {
    name: 'full-outbox',
    does: `the shop cannot publish until ${FULL_ROWS} events wait`,
    draw: () => ({
      says: 'the shop sells on without the log',
      async strike(scene) {
        setLine(scene, 'shop', 'log', 'cut');
        try {
          const limit = Date.now() + FULL_LIMIT_MS;
          let hit = 0;
          while (hit < FULL_ROWS && Date.now() < limit) {
            await pause(200);
            hit = await scene.backlog.outboxOf('shop');
          }
          return { hit, liftedAt: performance.now() };
        } finally {
          setLine(scene, 'shop', 'log', 'whole');
        }
      },
    }),
  },
];
