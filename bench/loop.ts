import { startSystem } from '../test/system.ts';
import type { RunningSystem } from '../test/system.ts';
import { anySku } from './cart.ts';
import type { Result } from './figures.ts';
import { popupTimes } from './popup.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withSides } from './side.ts';
import type { StartSide } from './side.ts';
import { percentile } from './statistics.ts';

const RELAY_TOPIC = 'bench-relay';

/** How soon the retailer answers a visitor, in the whole system under a crowd. */
export async function loop(run: Run): Promise<Result[]> {
  const system = await startSystem();
  try {
    run.say('the whole system runs');
    return await withSides((start) => measure(start, system, run));
  } finally {
    await system.stop();
  }
}

async function measure(start: StartSide, system: RunningSystem, run: Run): Promise<Result[]> {
  const { shopUrl, collectorUrl, brokers } = system;
  const relay = { brokers, topic: RELAY_TOPIC };
  const { port } = await (await start('relay-door', relay)).round();
  await start('relay-middle', relay);
  const relayUrl = `http://127.0.0.1:${port}`;
  const background = await start('background', {});
  const prober = await start('prober', { feedbackUrl: system.databaseUrl('feedback') });
  const sku = await anySku(shopUrl);
  const own = { collectorUrl, liveUrl: shopUrl, sku };
  const bare = { collectorUrl: relayUrl, liveUrl: relayUrl, sku: null };
  /** Only the side that is measured has the crowd. */
  const crowded = async <T>(url: string, work: () => Promise<T>): Promise<T> => {
    await background.round({ url });
    const result = await work();
    await background.round({ url: null });
    return result;
  };

  const count = run.quick ? 50 : 150;
  const sides = {
    loop: () => crowded(collectorUrl, () => prober.round({ kind: 'exit', count, ...own })),
    relay: () => crowded(relayUrl, () => prober.round({ kind: 'exit', count, ...bare })),
  };
  const measured = await rounds(run.quick ? 2 : 5, sides, run);
  const p99 = each(measured.loop, 'p99');
  const loopP50 = resultOf('loop-p50', each(measured.loop, 'p50'), each(measured.relay, 'p50'));
  const loopP99 = resultOf('loop-p99', p99, each(measured.relay, 'p99'));

  const woken = await crowded(collectorUrl, () => prober.round({ kind: 'wake', count, ...own }));
  run.say(`timers: p99 ${Math.round(woken.p99!)} ms`);
  const pages = run.quick ? 5 : 60;
  const shown = await popupTimes(shopUrl, sku, pages);
  const popup = percentile(shown, 0.99);
  run.say(`popups: p99 ${Math.round(popup)} ms`);
  return [
    loopP50,
    loopP99,
    resultOf('wake-p99', [woken.p99!], [loopP99.value]),
    resultOf('popup-p99', [popup], [loopP99.value]),
  ];
}
