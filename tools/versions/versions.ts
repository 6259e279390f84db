import { userInfo } from 'node:os';
import { createInterface } from 'node:readline/promises';
import type { Writable } from 'node:stream';
import { OPERATOR } from '#contracts/bad';
import type { Application, Placement, ReleaseTag } from '#contracts/releases';
import { withAdmin } from '#log/kafka';
import type { Kafka } from '#log/kafka';
import type { Security } from '#log/security';
import { withFiles } from '#service/config';
import { connectTool } from '../kafka/connect.ts';
import { securityOfTool } from '../start/logins.ts';
import { table } from '../start/progress.ts';
import { applications } from '../start/running.ts';
import { until } from '../until.ts';
import { catchUp } from './catch-up.ts';
import { compare } from './compare/compare.ts';
import { knows, placementOf, placementsOn, say } from './control.ts';
import { Launcher } from './launcher.ts';
import { help, parseCommand } from './options.ts';
import type { Command } from './options.ts';
import {
  lastOther,
  pin,
  promote,
  rollback,
  split,
  unpin,
  without,
  withRelease,
} from './placement.ts';
import type { Change } from './placement.ts';
import { refusedBy } from './refused.ts';
import { lagOf, standingOf, stateOf } from './standing.ts';

/** What a command works on. */
export interface Around {
  client: Kafka;
  brokers: readonly string[];
  security: Security;
  out: Writable & { isTTY?: boolean };
  launcher: Launcher;
  env: NodeJS.ProcessEnv;
}

/** `npm run versions`: the exit code. */
export async function main(argv: readonly string[]): Promise<number> {
  process.stdout.on('error', () => process.exit(0));
  try {
    const command = parseCommand(argv);
    if (command.do === 'help') {
      process.stdout.write(help);
      return 0;
    }
    const env = withFiles(process.env, ['KAFKA_PASSWORD']);
    const brokers = (env.KAFKA_BROKERS ?? '127.0.0.1:19092').split(',');
    const security = securityOfTool(env, OPERATOR);
    const client = await connectTool('streamside-versions', brokers, security);
    const launcher = new Launcher(env);
    await run(command, { client, brokers, security, out: process.stdout, launcher, env });
    return 0;
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    return 1;
  }
}

/** Does what was asked for. Throws a sentence when it cannot. */
export async function run(command: Command, around: Around): Promise<void> {
  switch (command.do) {
    case 'help':
      return void around.out.write(help);
    case 'list':
      return list(around, command.json);
    case 'start':
      return start(around, command);
    case 'compare':
      return void around.out.write(
        await compare(around.client, command.application, command.releases, command.json),
      );
    case 'retire':
      return retireRelease(around, command);
    case 'promote':
      await refuseBehind(around, command);
      return change(around, command.application, (now) => promote(now, command.release));
    case 'split':
      for (const { release, percent } of command.shares) {
        if (percent > 0) await refuseBehind(around, { ...command, release });
      }
      return change(around, command.application, (now) => split(now, command.shares));
    case 'pin':
      await refuseBehind(around, command);
      return change(around, command.application, (now) =>
        pin(now, command.visitorId, command.release),
      );
    case 'unpin':
      return change(around, command.application, (now) => unpin(now, command.visitorId));
    case 'rollback':
      return rollBack(around, command.application);
  }
}

async function change(around: Around, application: Application, to: Change): Promise<void> {
  const now = await placementOf(around.client, application);
  await makeSo(around, now, to(now));
}

async function rollBack(around: Around, application: Application): Promise<void> {
  const placements = await placementsOn(
    around.client,
    (found) => lastOther(found.of(application)) !== undefined,
  );
  const next = rollback(application, placements.of(application));
  await makeSo(around, placements.now(application), next);
}

async function makeSo(around: Around, now: Placement, next: Placement): Promise<void> {
  if (JSON.stringify(next) === JSON.stringify(now)) {
    around.out.write(`${sentenceOf(now)} already: nothing is changed.\n`);
    return;
  }
  await say(next, userInfo().username, around);
  around.out.write(
    `${sentenceOf(next)}.\nOn the log as ReleaseChanged; npm run versions -- list shows all.\n`,
  );
}

function sentenceOf({ application, shares, pins }: Placement): string {
  const words = shares.map(({ release, percent }) => `${percent} % on ${release}`);
  const pinned = pins.length > 0 ? `; ${pins.length} pinned` : '';
  return `${application}: ${words.join(', ')}${pinned}`;
}

async function list({ client, out }: Around, json: boolean): Promise<void> {
  const placements = await placementsOn(client, knows(...applications));
  const rows = await withAdmin(client, async (admin) => {
    const all = applications.map((application) => {
      const { shares, pins } = placements.now(application);
      return Promise.all(
        shares.map(async ({ release, percent }) => {
          const standing = await standingOf(admin, { application, release });
          const pinned = pins.filter((each) => each.release === release).length;
          const [state, lag] = [stateOf(standing), lagOf(standing)];
          return { application, release, state, lag, percent, pinned };
        }),
      );
    });
    return (await Promise.all(all)).flat();
  });
  if (json) return void out.write(`${JSON.stringify(rows)}\n`);
  const cells = rows.map(({ application, release, state, lag, percent, pinned }) => [
    application,
    release,
    state,
    String(lag),
    `${percent} %`,
    pinned > 0 ? String(pinned) : '',
  ]);
  const head = ['application', 'version', 'state', 'records behind', 'visitors', 'pinned'];
  out.write(`${table([head, ...cells])}\n\nnpm run versions -- --help says what can be done.\n`);
}

/** Starts its processes, waits until they have caught up, and makes it known: nobody is on it yet. */
async function start(around: Around, tag: ReleaseTag): Promise<void> {
  const { client, out, launcher } = around;
  const { application, release } = tag;
  const name = `${application} ${release}`;
  await launcher.run(tag, out);
  await withAdmin(client, async (admin) => {
    await until(async () => (await standingOf(admin, tag)).members > 0, {
      limitMs: LIMIT_MS,
      everyMs: LOOK_EVERY_MS,
      orElse: () => `Not after ${LIMIT_MS / 1000} s: ${name} reads the log.`,
    });
    const now = await placementOf(client, application);
    const next = withRelease(now, release);
    if (next !== now) await say(next, userInfo().username, around);
    await catchUp(admin, tag, out);
  });
  const refused = await refusedBy(client, tag);
  for (const line of refused) out.write(`${line}\n`);
  const then =
    refused.length > 0
      ? `npm run bad -- list shows them; npm run versions -- compare ${application} v1 ${release} the rest`
      : `npm run versions -- compare ${application} v1 ${release}, then promote`;
  out.write(`${name} has caught up and serves nobody yet. Next: ${then}.\n`);
}

/** Who is on a release that lags sees the past. */
async function refuseBehind({ client }: Around, tag: ReleaseTag): Promise<void> {
  const { application, release } = tag;
  const state = stateOf(await withAdmin(client, (admin) => standingOf(admin, tag)));
  if (state === 'ready') return;
  const what = {
    'not started': 'is not started',
    stopped: 'has stopped',
    'catching up': 'is catching up',
  };
  throw new Error(
    `${application} ${release} ${what[state]}: npm run versions -- start ${application} ${release}, and wait.`,
  );
}

async function retireRelease(
  around: Around,
  { application, release, yes }: ReleaseTag & { yes: boolean },
): Promise<void> {
  const next = without(await placementOf(around.client, application), release);
  const name = `${application} ${release}`;
  if (!yes && !(await isSure(name))) return void around.out.write('Nothing is changed.\n');
  await say(next, userInfo().username, around);
  await around.launcher.stop({ application, release });
  // Nobody else opens a database, which takes a tenth of a command to load.
  const { retire } = await import('./retire.ts');
  await retire({ application, release }, around);
  around.out.write(`${name} is retired. npm run versions -- list shows what runs.\n`);
}

async function isSure(name: string): Promise<boolean> {
  if (!process.stdin.isTTY) {
    throw new Error(`retire forgets the tables and topics of ${name}: say --yes if that is meant.`);
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await prompt.question(
    `Forget the tables, groups and topics of ${name}? (yes/no) `,
  );
  prompt.close();
  return answer.trim().toLowerCase() === 'yes';
}

const LOOK_EVERY_MS = 500;
const LIMIT_MS = 120_000;
