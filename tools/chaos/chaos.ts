import { rmSync } from 'node:fs';
import { sentenceOf } from '../start/problems.ts';
import { step, table } from '../start/progress.ts';
import { Backlog } from './backlog.ts';
import { check } from './check.ts';
import type { Finding } from './check.ts';
import { Driver } from './driver.ts';
import { faults } from './faults.ts';
import type { Fault } from './faults.ts';
import { commandOf, help, parseOptions } from './options.ts';
import type { Options } from './options.ts';
import { Scene } from './scene.ts';
import { complaints, effectTable, strikeUntil } from './strikes.ts';
import type { Effect } from './strikes.ts';
import { Watch } from './watch.ts';
import { startWorld } from './world.ts';
import type { World } from './world.ts';

const LAST_SHOPPER_LIMIT_MS = 180_000;
const MOST_PROBLEMS = 10;

/** `npm run chaos`, once everything is built. Returns the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  try {
    const options = parseOptions(argv);
    if (options.help) return say(help, 0);
    return await run(options);
  } catch (error) {
    console.error(`\n${sentenceOf(error)}`);
    return 1;
  }
}

function say(text: string, exitCode: number): number {
  console.log(text);
  return exitCode;
}

async function run(options: Options): Promise<number> {
  const began = performance.now();
  const tell = (line: string) => {
    const seconds = ((performance.now() - began) / 1000).toFixed(1).padStart(6);
    console.log(`  ${seconds} s  ${line}`);
  };
  console.log(`Chaos, seed ${options.seed}\n`);
  const world = await startWorld(options.brokers, () => undefined);
  stopOnSignal(world);
  let sound = false;
  try {
    const { effects, unsettled, findings, driver, pace } = await breakAndCheck(
      world,
      options,
      tell,
    );
    const problems = [
      ...complaints(effects),
      ...unsettled,
      ...findings.flatMap((finding) => finding.problems),
    ];
    sound = problems.length === 0;
    const { ledger, shop, collector, stayedAway } = driver;
    console.log(`\n${effectTable(effects)}\n\n${findingTable(findings)}\n`);
    console.log(
      `  ${ledger.orders.size} checkouts accepted of ${ledger.tried.size}, ` +
        `${pace.toFixed(1)} a second through all faults; ` +
        `${shop.answered + collector.answered} requests answered, ${driver.failed} failed, ` +
        `${stayedAway} shoppers stayed away`,
    );
    for (const problem of problems.slice(0, MOST_PROBLEMS)) console.log(`  wrong: ${problem}`);
    if (problems.length > MOST_PROBLEMS) {
      console.log(`  and ${problems.length - MOST_PROBLEMS} more`);
    }
  } finally {
    await world.stop();
    if (sound) rmSync(world.dir, { recursive: true, force: true });
  }
  const again = commandOf(options);
  if (sound) return say(`\nAll is well. The same again: ${again}`, 0);
  return say(`\nNot well: the logs are in ${world.dir}/logs. The same again: ${again}`, 1);
}

interface Outcome {
  effects: Effect[];
  unsettled: string[];
  findings: Finding[];
  driver: Driver;
  /** Checkouts accepted in a second, while faults were injected. */
  pace: number;
}

async function breakAndCheck(
  world: World,
  options: Options,
  tell: (line: string) => void,
): Promise<Outcome> {
  const driver = new Driver(world, options.seed);
  const watch = new Watch(world);
  const backlog = new Backlog(world);
  try {
    await watch.start();
    const scene = new Scene(world, driver, watch, backlog, tell);
    const choice = possible(world, options, tell);
    driver.start(options.rate);
    await scene.untilSelling();
    const [began, before] = [performance.now(), driver.ledger.orders.size];
    const endsAt = began + options.minutes * 60_000;
    const effects = await strikeUntil(endsAt, scene, choice, options.seed);
    const pace = (driver.ledger.orders.size - before) / ((performance.now() - began) / 1000);
    tell('no more faults, nobody comes any more');
    const unsettled = await settle(scene);
    await world.system.stopServices();
    const findings = await step(
      'checks',
      () => check(world, driver.ledger),
      () => '',
    );
    return { effects, unsettled, findings, driver, pace };
  } finally {
    await driver.close(0);
    await Promise.all([watch.stop(), backlog.close()]);
  }
}

/** The faults that were asked for and can be had here. */
function possible(world: World, options: Options, tell: (line: string) => void): Fault[] {
  const asked = faults.filter(({ name }) => options.faults?.includes(name) ?? true);
  return asked.filter((fault) => {
    const why = fault.missing?.(world) ?? null;
    if (why !== null) tell(`without ${fault.name}: ${why}`);
    return why === null;
  });
}

/** Until every order is decided and every group has read everything. Returns what was missing still when it should long have been. */
async function settle(scene: Scene): Promise<string[]> {
  const { left } = await scene.driver.close(LAST_SHOPPER_LIMIT_MS);
  scene.tell('the last shopper has gone');
  const missing = [
    left > 0 ? `${left} shoppers never got an answer` : null,
    await scene.recovered(),
    await scene.quiet(),
  ].filter((each) => each !== null);
  for (const each of missing) scene.tell(`it does not settle: ${each}`);
  if (missing.length === 0) scene.tell('all is read and published');
  return missing.map((each) => `it did not settle: ${each}`);
}

function stopOnSignal(world: World): void {
  let stopping = false;
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      if (stopping) return;
      stopping = true;
      void world.stop().finally(() => process.exit(1));
    });
  }
}

function findingTable(findings: readonly Finding[]): string {
  const verdict = ({ problems }: Finding) =>
    problems.length === 0 ? 'yes' : `NO: ${problems.length} problems`;
  return table(findings.map((each) => [each.question, each.looked, verdict(each)]));
}
