import { PassThrough } from 'node:stream';
import { text } from 'node:stream/consumers';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { NewEvent } from '#contracts/contract';
import { firstPlacement, Placement, releaseFor } from '#contracts/releases';
import type { Placements } from '#contracts/releases';
import { ProductViewed, visitors } from '#contracts/visitors';
import { connectKafka, withAdmin } from '#log/kafka';
import { silent } from '#log/log-sink';
import type { Processor } from '#log/processor';
import { open } from '#log/security';
import { LogWriter } from '#log/writer';
import { abandonment } from '../../apps/feedback/src/v1.ts';
import { abandonmentV2 } from '../../apps/feedback/src/v2.ts';
import { isInControlGroup } from '../../apps/feedback/src/policy.ts';
import { coViewsV2 } from '../../apps/recommendations/src/co-views.ts';
import { similarity } from '../../apps/recommendations/src/similarity.ts';
import { recommendationView } from '../../apps/shop/src/catalogue-views.ts';
import { ofLaterReleases, processors as shopProcessors } from '../../apps/shop/src/processors.ts';
import { services } from '../../manifest.ts';
import { catalog } from '../../tools/catalog.ts';
import { checkAccounts } from '../../tools/chaos/checker/accounts.ts';
import { checkCoupons } from '../../tools/chaos/checker/coupons.ts';
import { audit } from '../../tools/chaos/checker/orders-audit.ts';
import { readLog, withoutRepeats } from '../../tools/chaos/checker/raw-log.ts';
import type { RawEvent } from '../../tools/chaos/checker/raw-log.ts';
import { Driver } from '../../tools/chaos/driver.ts';
import { checkRebuild } from '../../tools/chaos/rebuilt.ts';
import { parseOptions } from '../../tools/start/options.ts';
import { withOwnServers } from '../../tools/start/own-servers.ts';
import type { OwnServers } from '../../tools/start/own-servers.ts';
import { instancesOf } from '../../tools/start/plan.ts';
import { freePorts } from '../../tools/start/ports.ts';
import { livingPid, writePid } from '../../tools/start/processes.ts';
import { followRunning, readRunning } from '../../tools/start/running.ts';
import { openSecrets } from '../../tools/start/secrets.ts';
import { System } from '../../tools/start/system.ts';
import { Launcher } from '../../tools/versions/launcher.ts';
import { parseCommand } from '../../tools/versions/options.ts';
import { run } from '../../tools/versions/versions.ts';
import { startGuard } from '../../tools/start/guard.ts';
import { until } from '../log-harness.ts';

/** Hits of the past that a version which is started has to read first. */
const PAST = 4_000;
/** Shoppers a second. */
const RATE = 5;
const LEAST_SHOPPERS = 200;
/** At once: on a machine with much else to do more would only wait in line, for longer than anybody does. */
const MOST_SHOPPERS = 20;
/** The priority of a process that has caught up. */
const NORMAL = 'nice 0';
/** Two visitors load a page again and again. */
const RELOAD_EVERY_MS = { v1: 50, v2: 250 };

it('moves visitors from one version to the other while they shop, and nobody notices', async () => {
  await withOwnServers('versions', { durable: false }, async (servers) => {
    const shop = await startShop(servers);
    const driver = new Driver(shop, 8, MOST_SHOPPERS);
    const readers = (['v1', 'v2'] as const).map((release) =>
      shop.reload(whoIsOn(release), RELOAD_EVERY_MS[release]),
    );
    try {
      await shop.fill(PAST);
      driver.start(RATE);

      const starts = [
        shop.say('start recommendations v2'),
        shop.say('start feedback v2'),
        shop.killDuringCatchUp('feedback-v2-1', 'feedback', abandonmentV2),
      ];
      const [, , meanwhile] = await Promise.all(starts);
      expect(meanwhile).not.toBe(NORMAL);
      const later = ['feedback-v2-1', 'recommendations-v2-1'];
      const hasSessions = meanwhile !== null;
      const priorities = async () =>
        !hasSessions || later.every((name) => shop.priorityOf(name) === NORMAL);
      await until('they give way no more', priorities, 120_000);
      await shop.untilCouponOf('v1');
      const changes = [
        ['split', 'v1=50 v2=50', ['v1', 'v2']],
        ['promote', 'v2', ['v2', 'v2']],
        ['rollback', '', ['v1', 'v2']],
        ['promote', 'v2', ['v2', 'v2']],
      ] as const;
      for (const [verb, to, then] of changes) {
        await shop.say(`${verb} feedback ${to}`.trim());
        await shop.say(`${verb} recommendations ${to}`.trim());
        await until(`they see the ${verb}`, async () =>
          readers.every((reader, i) => reader.releases.at(-1) === then[i]),
        );
      }
      await expect(shop.say('retire recommendations v2 --yes')).rejects.toThrow('promote another');
      await shop.say('retire recommendations v1 --yes');
      const enough = async () => driver.ledger.tried.size >= LEAST_SHOPPERS;
      await until('enough have been here', enough, 180_000);
      await shop.untilCouponOf('v2');
      const seen = await Promise.all(readers.map((reader) => reader.stop()));
      expect(await driver.close(60_000)).toEqual({ left: 0 });
      expect(readers.map(({ releases }) => releases)).toEqual([
        ['v1', 'v2', 'v1', 'v2'],
        ['v1', 'v2'],
      ]);
      expect({ ...driver.failures, ...(driver.failed > 0 && { said: shop.said }) }).toEqual({});
      expect(seen.map(({ failures }) => failures)).toEqual([[], []]);

      await shop.untilDecided(driver);
      await shop.system.stopServices();
      const records = await readLog(servers.brokers, await shop.topics());
      const { events, problems } = withoutRepeats(records);
      expect(problems).toEqual([]);
      expect(checkAccounts(events, driver.ledger)).toEqual([]);
      expect(audit(events).problems).toEqual([]);
      expect(checkCoupons(events).problems).toEqual([]);
      expect(events.filter(({ topic }) => topic.endsWith('.bad'))).toEqual([]);
      expectOneCouponEach(events);
      for (const [processor, schema] of shop.processors) {
        expect(await checkRebuild(shop.world(schema), processor, records)).toEqual([]);
      }
    } finally {
      for (const reader of readers) await reader.stop();
      await driver.close(0);
      await shop.stop();
    }
  });
}, 600_000);

/** A visitor who is on that release when the shares are half and half. */
function whoIsOn(release: string): string {
  const shares = ['v1', 'v2'].map((each) => ({ release: each, percent: 50 }));
  const placement = { ...firstPlacement('recommendations'), shares };
  const all = Array.from({ length: 100 }, (_, i) => `reloading-${i}`);
  return all.find(
    (visitor) => releaseFor({ recommendations: placement }, 'recommendations', visitor) === release,
  )!;
}

function expectOneCouponEach(events: readonly RawEvent[]): void {
  const counted = countedCoupons(events);
  expect([...counted].filter(([, releases]) => releases.length > 1)).toEqual([]);
  expect([...counted.keys()].filter(isInControlGroup)).toEqual([]);
}

/**
 * Reads the log as its partitions are: of the coupons of a visitor one counts, which is of the release
 * that is in force for them where it landed. All of this is one visit: it takes minutes.
 * Gives the releases of those that count, by visitor.
 */
function countedCoupons(events: readonly RawEvent[]): Map<string, string[]> {
  const known = new Map<number, Placements>();
  const counted = new Map<string, string[]>();
  for (const { topic, partition, type, data } of events) {
    if (topic !== visitors.name) continue;
    const placements = known.get(partition) ?? {};
    if (type === 'ReleaseChanged') {
      const placement = Placement.parse(data);
      known.set(partition, { ...placements, [placement.application]: placement });
    }
    if (type !== 'CouponOffered') continue;
    const release = data.release ?? 'v1';
    if (releaseFor(placements, 'feedback', data.visitorId) !== release) continue;
    counted.set(data.visitorId, [...(counted.get(data.visitorId) ?? []), release]);
  }
  return counted;
}

/** A retailer that follows `npm run versions`, as `npm start` does. */
async function startShop(servers: OwnServers) {
  const { brokers, adminUrl } = servers;
  // One deeper than what a guard stops: there is a pid in it that is ours.
  const outside = mkdtempSync(join(tmpdir(), 'streamside-retailer-'));
  const dir = join(outside, 'launcher', 'data');
  mkdirSync(dir, { recursive: true });
  const { release } = startGuard(dir);
  writePid(join(dir, 'launcher.pid'), process.pid);
  const [shopPort, collectorPort] = (await freePorts(2)) as [number, number];
  const settings = {
    dir,
    kafkaPort: 0,
    postgresPort: 0,
    servicePorts: { shop: shopPort, collector: collectorPort },
    kafkaBrokers: brokers,
    kafkaSasl: false,
    kafkaLogin: {},
    databaseUrl: adminUrl,
  };
  const options = parseOptions(['start', '--no-shoppers', '--replicas', 'shop=2'], services);
  const instances = () => instancesOf(options, services, readRunning(dir));
  const said: string[] = [];
  const system = new System(settings, instances(), (line) => said.push(line));
  await system.start();
  const unfollow = followRunning(
    dir,
    () => system.follow(instances()),
    (line) => said.push(line),
  );
  const env = { STREAMSIDE_DIR: dir, DATABASE_URL: adminUrl, KAFKA_BROKERS: brokers.join(',') };
  const client = connectKafka(brokers, 'versions-test', silent);
  const shopUrl = `http://localhost:${shopPort}`;
  const collectorUrl = `http://localhost:${collectorPort}`;

  const say = async (line: string): Promise<string> => {
    const out = new PassThrough();
    const words = text(out);
    const around = { client, brokers, security: open, out, launcher: new Launcher(env), env };
    try {
      await run(parseCommand(line.split(' ')), around);
    } finally {
      out.end();
    }
    return words;
  };
  /** That of its session; null where Linux shares its processors in another way. */
  const priorityOf = (instance: string): string | null => {
    const file = `/proc/${livingPid(join(dir, 'services', `${instance}.pid`))}/autogroup`;
    return existsSync(file) ? readFileSync(file, 'utf8').trim().replace(/^\S+ /, '') : null;
  };
  const databaseOf = async (service: string, schema = 'public'): Promise<pg.Client> => {
    const own = new pg.Client({
      connectionString: system.urls[service],
      options: `-c search_path=${schema}`,
    });
    own.on('error', () => undefined); // A lost connection fails the query under way, too.
    await own.connect();
    return own;
  };
  return {
    shopUrl,
    collectorUrl,
    deliveriesSecret: openSecrets(dir)('deliveries'),
    system,
    /** What a launcher would have told at the terminal. */
    said,
    say,
    /** What lives at the end, and where its tables are. */
    processors: [
      [abandonment, 'public'],
      [abandonmentV2, 'v2'],
      [coViewsV2, 'v2'],
      [similarity, 'v2'],
      ...[...shopProcessors, ...ofLaterReleases]
        .filter((each) => each !== (recommendationView as Processor))
        .map((each) => [each, 'public']),
    ] as [Processor, string][],
    world: (schema: string) => ({
      adminUrl,
      databaseOf: (service: string) => databaseOf(service, schema),
    }),
    topics: () =>
      withAdmin(client, async (admin) =>
        (await admin.listTopics()).filter((name) => !name.startsWith('__')),
      ),
    /** Somebody has a coupon of that release, while it is in force for them. */
    untilCouponOf: (release: string) =>
      until(`a coupon of ${release}`, async () => {
        const { events } = withoutRepeats(await readLog(brokers, [visitors.name]));
        return [...countedCoupons(events).values()].flat().includes(release);
      }),
    fill: (count: number) => fill(brokers, count),
    /** Loads a page every so often, from both replicas in turn, and notes who has answered. */
    reload(visitorId: string, everyMs: number) {
      const urls = [shopUrl, `http://localhost:${system.portOf('shop-2')}`];
      const releases: string[] = [];
      const failures: string[] = [];
      let loads = 0;
      let busy: Promise<void> | null = null;
      const load = async () => {
        loads += 1;
        const answer = await fetch(`${urls[loads % 2]}/api/popular`, {
          headers: { cookie: `visitor=${visitorId}` },
        });
        const { release } = (await answer.json()) as { release: string };
        if (releases.at(-1) !== release) releases.push(release);
      };
      const timer = setInterval(() => {
        // One who waits for a page does not load it again meanwhile.
        busy ??= load()
          .catch((error: Error) => void failures.push(String(error.cause ?? error)))
          .finally(() => (busy = null));
      }, everyMs);
      return {
        /** The releases that answered, each as long as it did. */
        releases,
        async stop() {
          clearInterval(timer);
          await busy;
          return { failures };
        },
      };
    },
    /** Returns the priority that it had. */
    async killDuringCatchUp(instance: string, service: string, { name }: Processor) {
      const own = await databaseOf(service, 'v2');
      await until(
        'it has read something',
        async () => {
          const { rows } = await own
            .query('select sum(next_offset)::int as at from log_positions where group_name = $1', [
              name,
            ])
            .catch(() => ({ rows: [] }));
          return (rows[0]?.at ?? 0) > 0;
        },
        120_000,
      );
      const pidFile = join(dir, 'services', `${instance}.pid`);
      const pid = livingPid(pidFile)!;
      const priority = priorityOf(instance);
      process.kill(pid, 'SIGKILL');
      await own.end();
      await until('it runs again', async () => (livingPid(pidFile) ?? pid) !== pid, 60_000);
      return priority;
    },
    priorityOf,
    /** Every order has its end, and what the services had to do is done. */
    async untilDecided(driver: Driver) {
      const orders = await databaseOf('shop');
      await until('every order is decided', async () => {
        const { rows } = await orders.query(
          "select count(*)::int as n from shop_orders where state::json ->> 'status' = any($1)",
          [['confirmed', 'rejected', 'cancelled', 'shipped']],
        );
        return rows[0].n >= driver.ledger.orders.size;
      });
      await orders.end();
    },
    async stop() {
      unfollow();
      await system.stopServices();
      await release();
      rmSync(outside, { recursive: true });
    },
  };
}

/** Others who looked around before: each at two products that go together. */
async function fill(brokers: string[], count: number): Promise<void> {
  const writer = await LogWriter.connect({ brokers, service: 'collector' });
  const skus = catalog.map(({ sku }) => sku);
  const view = (i: number): NewEvent => {
    const one = Math.floor(i / 2) % skus.length;
    const sku = skus[i % 2 === 0 ? one : one ^ 1] ?? skus[0]!;
    const ids = { visitorId: `long-ago-${Math.floor(i / 2)}`, sessionId: 's', tab: 't' };
    return ProductViewed({ ...ids, hit: (i % 2) + 1, site: 's', url: '/', sku });
  };
  for (let from = 0; from < count; from += 1000) {
    await writer.append(Array.from({ length: 1000 }, (_, i) => view(from + i)));
  }
  await writer.close();
}
