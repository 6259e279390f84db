import { setTimeout as pause } from 'node:timers/promises';
import { seeded } from '#testing/golden';
import { table } from '../start/progress.ts';
import { drawn } from './faults.ts';
import type { Fault } from './faults.ts';
import type { Scene } from './scene.ts';

/** What a kind of fault did in this run. */
export interface Effect {
  fault: Fault;
  injected: number;
  /** Work in flight where it struck, over all of them. */
  hit: number;
  failed: number;
  /** From lifting the fault until all are ready and every order taken before is decided, ms. */
  recoveriesMs: number[];
}

/** A strike that met nobody at work is done again so often. */
const MOST_TRIES = 3;
/** Between one fault and the next everybody works. */
const BREATH_MS = 1_000;

/** Strikes one fault after the other until the time is over. */
export async function strikeUntil(
  endsAt: number,
  scene: Scene,
  choice: readonly Fault[],
  seed: number,
): Promise<Effect[]> {
  const effects = new Map<Fault, Effect>();
  for (const { fault, strike } of drawn(seeded(seed), choice)) {
    if (performance.now() > endsAt) break;
    const effect = effects.get(fault) ?? {
      fault,
      injected: 0,
      hit: 0,
      failed: 0,
      recoveriesMs: [],
    };
    effects.set(fault, effect);
    for (let tries = 1, hit = 0; hit === 0 && tries <= MOST_TRIES; tries += 1) {
      scene.tell(strike.says);
      const failedBefore = scene.driver.failed;
      const struck = await strike.strike(scene);
      ({ hit } = struck);
      const missing = await scene.recovered();
      const tookMs = performance.now() - struck.liftedAt;
      effect.injected += 1;
      effect.hit += hit;
      effect.failed += scene.driver.failed - failedBefore;
      effect.recoveriesMs.push(missing === null ? tookMs : Infinity);
      const took =
        missing === null
          ? `well again after ${(tookMs / 1000).toFixed(1)} s`
          : `not well again: ${missing}`;
      scene.tell(`  ${hit} in flight, ${took}`);
    }
    await pause(BREATH_MS);
  }
  return [...effects.values()];
}

/** Faults that never met anybody at work have shown nothing; from some it never got well again. */
export function complaints(effects: readonly Effect[]): string[] {
  return effects.flatMap(({ fault: { name }, hit, recoveriesMs }) => [
    ...(hit === 0 ? [`${name} hit no work in flight`] : []),
    ...(recoveriesMs.includes(Infinity) ? [`${name}: it did not get well again`] : []),
  ]);
}

export function effectTable(effects: readonly Effect[]): string {
  const head = ['fault', 'injected', 'in flight', 'failed', 'recovery', 'longest', ''];
  const seconds = (ms: number) => (ms === Infinity ? 'never' : `${(ms / 1000).toFixed(1)} s`);
  const rows = effects.map(({ fault, injected, hit, failed, recoveriesMs }) => {
    const sorted = recoveriesMs.toSorted((a, b) => a - b);
    const median = sorted[Math.floor((sorted.length - 1) / 2)]!;
    const numbers = [
      `${injected}`,
      `${hit}`,
      `${failed}`,
      seconds(median),
      seconds(sorted.at(-1)!),
    ];
    return [
      fault.name,
      ...numbers.map((text, i) => text.padStart(head[i + 1]!.length)),
      fault.does,
    ];
  });
  return table([head, ...rows]);
}
