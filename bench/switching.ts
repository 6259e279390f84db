import { setTimeout as pause } from 'node:timers/promises';
import { startSystem } from '../test/system.ts';
import { anySku } from './cart.ts';
import type { Result } from './figures.ts';
import { fill } from './fill.ts';
import { resultOf } from './report.ts';
import { each, rounds } from './rounds.ts';
import type { Run } from './rounds.ts';
import { withSides } from './side.ts';

/** What is done to both applications; at the end all is as it was before. */
const CHANGES = [
  (application: string) => `start ${application} v2`,
  (application: string) => `split ${application} v1=50 v2=50`,
  (application: string) => `promote ${application} v2`,
  (application: string) => `rollback ${application}`,
  (application: string) => `promote ${application} v1`,
  (application: string) => `retire ${application} v2 --yes`,
];

/** How long 200 shoppers wait for their pages while versions come, are switched, and go. */
export async function switching(run: Run): Promise<Result[]> {
  const system = await startSystem();
  try {
    run.say('the whole system runs');
    return await withSides(async (start) => {
      await fill(start, system.brokers, run.quick ? 5_000 : 20_000, run);
      const { shopUrl, collectorUrl } = system;
      const sku = await anySku(shopUrl);
      const pages = await start('pages', { shopUrl, collectorUrl, sku });
      const during = async (work: () => Promise<unknown>) => {
        await pages.round({ tell: 'begin' });
        await work();
        return pages.round({ tell: 'end' });
      };
      const change = async () => {
        for (const said of CHANGES) {
          for (const application of ['recommendations', 'feedback']) {
            await system.versions(said(application));
          }
        }
      };
      const sides = {
        switching: () => during(change),
        quiet: () => during(() => pause(run.quick ? 5_000 : 30_000)),
      };
      const measured = await rounds(run.quick ? 1 : 5, sides, run);
      const failed = Math.max(...each(measured.switching, 'failed'));
      if (failed > 0) throw new Error(`${failed} pages failed while versions were switched.`);
      const p99 = (side: keyof typeof sides) => each(measured[side], 'p99');
      return [resultOf('switch-p99', p99('switching'), p99('quiet'))];
    });
  } finally {
    await system.stop();
  }
}
