import { Driver } from '../../tools/chaos/driver.ts';
import { alerts, panels } from '../../tools/compose/questions.ts';
import { compose, up } from '../compose.ts';
import { until } from '../log-harness.ts';
import { openSystem } from '../system.ts';

/* Started by `npm run test:compose`, which sets the environment, against what is running. */

const prometheus = `http://localhost:${process.env.PROMETHEUS_PORT}/api/v1`;
const LIMIT_MS = 180_000;
/** What a panel showed in the last minutes: failures are over when we look. */
const lately = (expr: string) => `max_over_time((${expr})[10m:5s])`;

it('has numbers for every panel of the dashboard, and rules that Prometheus understands', async () => {
  await compose('--profile', 'observability', 'up', '--wait', 'prometheus');
  await up();
  const system = await openSystem();
  const world = { ...system, deliveriesSecret: process.env.TEST_DELIVERIES_SECRET! };
  const driver = new Driver(world, 2);
  try {
    driver.start(2);
    await until(
      'Prometheus sees the services',
      async () => (await numbers('up == 1')) >= 6,
      60_000,
    );
    await fetch(`${system.collectorUrl}/collect`, { method: 'POST', body: '[{}]' });
    await compose('kill', '--signal=KILL', 'postgres');
    await until('the shop says so', async () => {
      const answer = await fetch(`${system.shopUrl}/api/products`).catch(() => null);
      return (answer?.status ?? 0) >= 500;
    });
    // It looks every few seconds, and a gauge is what it is then.
    await until(
      'Prometheus sees partitions that wait',
      async () => (await numbers('log_partition_paused > 0')) > 0,
      60_000,
    );
    await up();

    const silent = async () => {
      const asked = panels().map(async (panel) =>
        (await numbers(lately(panel.expr))) ? [] : panel,
      );
      return (await Promise.all(asked)).flat();
    };
    const isDone = async () => (await silent()).length === 0;
    await until('all panels', isDone, LIMIT_MS).catch(() => undefined);
    expect(await silent()).toEqual([]);

    const { groups } = await ask('rules');
    const rules = groups.flatMap((group: any) => group.rules);
    expect(rules.map(({ health }: any) => health)).toEqual(alerts().map(() => 'ok'));
  } finally {
    await driver.close(60_000);
    await compose('--profile', 'observability', 'rm', '--force', '--stop', 'prometheus');
  }
}, 600_000);

/** How many series an expression gives that have a number now. */
async function numbers(expr: string): Promise<number> {
  const { result } = await ask(`query?query=${encodeURIComponent(expr)}`);
  return result.filter(({ value }: any) => Number.isFinite(Number(value[1]))).length;
}

async function ask(path: string): Promise<any> {
  const answer = await fetch(`${prometheus}/${path}`);
  const { data, error } = (await answer.json()) as { data?: unknown; error?: string };
  if (error) throw new Error(`Prometheus refuses ${path}: ${error}`);
  return data;
}
