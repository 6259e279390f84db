import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { migrate } from '#log/database';
import { createTopics, firstTopics } from '#log/topics';
import { isInControlGroup } from '../../apps/feedback/src/policy.ts';
import { personas, usualMix } from '../../apps/simulator/src/personas.ts';
import type { VisitTruth } from '../../apps/simulator/src/truth-file.ts';
import { services } from '../../manifest.ts';
import { readLog, withoutRepeats } from '../../tools/chaos/checker/raw-log.ts';
import type { RawEvent } from '../../tools/chaos/checker/raw-log.ts';
import { checkRebuild, processors } from '../../tools/chaos/rebuilt.ts';
import { writeHistory } from '../../tools/history/write-history.ts';
import type { Past, Target, Written } from '../../tools/history/write-history.ts';
import { ensureDatabases } from '../../tools/start/databases.ts';
import { withOwnServers } from '../../tools/start/own-servers.ts';
import type { OwnServers } from '../../tools/start/own-servers.ts';
import { databases as feedback } from '../../apps/feedback/src/database.ts';
import { database as inventory } from '../../apps/inventory/src/database.ts';
import { database as ordering } from '../../apps/ordering/src/database.ts';
import { databases as recommendations } from '../../apps/recommendations/src/database.ts';
import { database as shop } from '../../apps/shop/src/database.ts';

const DAY_MS = 24 * 60 * 60_000;
const databases = {
  feedback: feedback.v1!,
  inventory,
  ordering,
  recommendations: recommendations.v1!,
  shop,
};

/** What the log says of one visit, beside what nobody on the log knows. */
interface Visit extends VisitTruth {
  readonly events: readonly RawEvent[];
}

describe('a history on the real log', () => {
  // Fixed, as the hour decides who comes: the same visits every time.
  const until = Date.UTC(2026, 5, 2);
  const folder = mkdtempSync(join(tmpdir(), 'streamside-history-'));
  const truthFile = join(folder, 'truth.jsonl');
  const past: Past = {
    seed: 'history-test',
    from: until - DAY_MS,
    until,
    sessionsPerDay: 1_000,
    mix: usualMix,
    truthFile,
  };
  let servers: OwnServers;
  let target: Target;
  let release: () => void;
  let gone: Promise<void>;
  let written: Written;
  let log: RawEvent[];
  let visits: Visit[];

  beforeAll(async () => {
    // Its own servers: a past comes first on a log.
    await new Promise<void>((ready, failed) => {
      gone = withOwnServers('history', { durable: false }, async (own) => {
        servers = own;
        const done = new Promise<void>((resolve) => (release = resolve));
        ready();
        await done;
      });
      gone.catch(failed);
    });
    const { brokers, adminUrl } = servers;
    const names = services.filter((each) => each.database).map(({ name }) => name);
    const [{ urls }] = await Promise.all([
      ensureDatabases(adminUrl, names, () => 'secret'),
      createTopics(brokers),
    ]);
    for (const [name, url] of Object.entries(urls)) {
      await migrate(url, databases[name as keyof typeof databases]);
    }
    target = { brokers, urls };
    written = await writeHistory(past, target, () => {});
    log = await readLog(
      brokers,
      firstTopics().map(({ name }) => name),
    );
    visits = visitsOf(truthFile, log);
  }, 180_000);

  afterAll(async () => {
    release?.();
    await gone?.catch(() => undefined);
    rmSync(folder, { recursive: true });
  }, 30_000);

  it('holds events of every service, each once, in the order of their own times', () => {
    expect(log.length).toBe(written.events);
    expect(withoutRepeats(log)).toMatchObject({ repeats: 0, problems: [] });
    expect(new Set(log.map(({ value }) => JSON.parse(value).id)).size).toBe(log.length);
    const last = new Map<string, number>();
    const early = log.filter(({ topic, partition, raw }) => {
      const before = last.get(`${topic}-${partition}`) ?? past.from;
      last.set(`${topic}-${partition}`, Number(raw.timestamp));
      return Number(raw.timestamp) < before;
    });
    expect(early).toEqual([]);
    expect(Math.max(...last.values())).toBeLessThan(until + 1_000);
    const sources = new Set(log.map(({ value }) => JSON.parse(value).source));
    const names = services.filter(({ reads }) => reads !== null).map(({ name }) => `/${name}`);
    expect(sources).toEqual(new Set([...names, '/first-facts']));
    expect(log.filter(({ topic }) => topic.endsWith('.bad'))).toEqual([]);
  });

  it.each(processors.map((processor) => [processor.name, processor] as const))(
    'leaves %s in the state that a rebuild comes to, with every output published',
    async (_name, processor) => {
      const databaseOf = async (service: string) => {
        const client = new pg.Client({ connectionString: target.urls[service] });
        await client.connect();
        return client;
      };
      const world = { adminUrl: servers.adminUrl, databaseOf };
      expect(await checkRebuild(world, processor, log)).toEqual([]);
      const live = await databaseOf(processor.service);
      const { rows } = await live.query(
        'select partition, next_offset from log_positions where group_name = $1 order by 1',
        [processor.name],
      );
      await live.end();
      const ends = Array.from({ length: 6 }, (_, partition) => ({
        partition,
        next_offset: `${log.filter((r) => r.topic === processor.topic.name && r.partition === partition).length}`,
      }));
      expect(rows).toEqual(ends);
    },
  );

  it('is refused by a log that holds events already, and by a database that has read some', async () => {
    await expect(writeHistory(past, target, () => {})).rejects.toThrow(
      /^The database of \w+ has read events already: take empty ones/,
    );
    const { brokers } = target;
    await expect(writeHistory(past, { brokers, urls: {} }, () => {})).rejects.toThrow(
      /^The topic \w+ holds events already, and a past cannot come after them/,
    );
  });

  it('has the mix that was asked for', () => {
    const total = Object.values(usualMix).reduce((sum, weight) => sum + weight, 0);
    // Each person once: who comes again is no further throw of the dice.
    const people = [...new Map(visits.map((visit) => [visit.visitor, visit])).values()];
    for (const [persona, weight] of Object.entries(usualMix)) {
      const some = people.filter((visit) => visit.persona === persona).length;
      expectShare(some, people.length, weight / total);
    }
  });

  it('loses the carts that its shoppers mean to leave, where nobody is offered anything', () => {
    const alone = visits.filter(
      ({ chanceToLeave, visitorId }) => chanceToLeave !== null && isInControlGroup(visitorId),
    );
    expect(alone.length).toBeGreaterThan(40);
    expect(alone.some((visit) => says(visit, 'OfferShown'))).toBe(false);
    const left = alone.filter((visit) => !says(visit, 'CartCheckedOut'));
    expectSum(
      left.length,
      alone.map(({ chanceToLeave }) => chanceToLeave!),
    );
  });

  it.each(['hesitant', 'bargain-hunter'] as const)(
    'keeps of every %s who would leave the share that a coupon is meant to keep',
    (persona) => {
      const offered = visits.filter(
        (visit) => visit.persona === persona && visit.wouldLeave && says(visit, 'OfferShown'),
      );
      expect(offered.length).toBeGreaterThan(30);
      const kept = offered.filter((visit) => says(visit, 'CartCheckedOut'));
      expectShare(kept.length, offered.length, personas[persona].couponEffect);
    },
  );

  it('sells as much to those who buy anyway, with a coupon and without', () => {
    const sure = visits.filter(({ wouldLeave }) => wouldLeave === false);
    const offered = sure.filter((visit) => says(visit, 'OfferShown'));
    expect(offered.length).toBeGreaterThan(30);
    expect(sure.filter((visit) => !says(visit, 'CartCheckedOut'))).toEqual([]);
  });
});

/** The visits that ended, with what happened on the log meanwhile. */
function visitsOf(truthFile: string, log: readonly RawEvent[]): Visit[] {
  const byVisitor = new Map<string, RawEvent[]>();
  for (const event of log) {
    if (event.topic !== 'visitors' || event.key === null) continue;
    byVisitor.set(event.key, [...(byVisitor.get(event.key) ?? []), event]);
  }
  const lines = readFileSync(truthFile, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const truth = JSON.parse(line) as VisitTruth;
    const events = (byVisitor.get(truth.visitorId) ?? []).filter(({ raw }) => {
      const at = Number(raw.timestamp);
      return at >= truth.from && at <= truth.until + 100;
    });
    return { ...truth, events };
  });
}

function says(visit: Visit, type: string): boolean {
  return visit.events.some((event) => event.type === type);
}

/** So many of so many are what a probability makes likely (95 %, normal approximation). */
function expectShare(some: number, of: number, probability: number): void {
  expectSum(
    some,
    Array.from({ length: of }, () => probability),
  );
}

/** The same when each has a probability of its own. */
function expectSum(some: number, probabilities: readonly number[]): void {
  const expected = probabilities.reduce((sum, p) => sum + p, 0);
  const deviation = Math.sqrt(probabilities.reduce((sum, p) => sum + p * (1 - p), 0));
  expect(some).toBeGreaterThan(expected - 1.96 * deviation);
  expect(some).toBeLessThan(expected + 1.96 * deviation);
}
