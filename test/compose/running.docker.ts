import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { checkAccounts } from '../../tools/chaos/checker/accounts.ts';
import { checkBadTracks } from '../../tools/chaos/checker/bad-tracks.ts';
import { checkCoupons } from '../../tools/chaos/checker/coupons.ts';
import { checkStock, dump } from '../../tools/chaos/checker/dumps.ts';
import type { Row } from '../../tools/chaos/checker/dumps.ts';
import { checkGaps } from '../../tools/chaos/checker/lanes.ts';
import { audit } from '../../tools/chaos/checker/orders-audit.ts';
import { readLog, withoutRepeats } from '../../tools/chaos/checker/raw-log.ts';
import { Driver } from '../../tools/chaos/driver.ts';
import { compose, up } from '../compose.ts';
import { until } from '../log-harness.ts';
import { openSystem } from '../system.ts';
import type { Doors } from '../system.ts';

/* Started by `npm run test:compose`, which sets the environment, against what is running. */

const STREAMS = ['visitors', 'orders', 'stock', 'stock-levels', 'products'];
const TOPICS = [...STREAMS, ...STREAMS.map((topic) => `${topic}.bad`)];
const LIMIT_MS = 120_000;
const RATE = 4;

let system: Doors;
let driver: Driver;
beforeAll(async () => {
  system = await openSystem();
  driver = new Driver({ ...system, deliveriesSecret: process.env.TEST_DELIVERIES_SECRET! }, 1);
});
afterAll(() => driver.close(0));

it('gives a service no way to another, by its name or by its address', async () => {
  const { stdout: inventory } = await compose('ps', '--quiet', 'inventory');
  const format = '{{range .NetworkSettings.Networks}}{{.IPAddress}} {{end}}';
  const { stdout } = await run('docker', ['inspect', '--format', format, inventory.trim()]);
  for (const host of ['inventory', ...stdout.trim().split(' ')]) {
    expect([host, await canReach('shop', host, 8080)]).toEqual([host, false]);
  }
  // The question can be answered with yes.
  expect(await canReach('inventory', 'localhost', 8080)).toBe(true);
  expect(await canReach('shop', 'kafka', 9092)).toBe(true);
});

it('loses and doubles nothing: killed, scaled, restarted, taken down and up, under load', async () => {
  driver.start(RATE);
  const served = async (count: number) => {
    const goal = driver.ledger.orders.size + count;
    await until('orders go on', async () => driver.ledger.orders.size >= goal, LIMIT_MS);
  };
  await served(20);
  await compose('kill', '--signal=KILL', 'ordering');
  await up();
  await served(20);
  await up('--scale=feedback=3');
  const replicas = await compose('ps', '--quiet', 'feedback');
  expect(replicas.stdout.trim().split('\n')).toHaveLength(3);
  await served(40);
  await compose('restart');
  await up('--scale=feedback=3');
  await served(20);
  await compose('down');
  await up();
  await served(20);
  await driver.close(LIMIT_MS);

  await until('every order is decided', async () => (await open()) === 0, LIMIT_MS);
  await compose('stop', 'collector', 'shop', 'ordering', 'inventory', 'feedback');
  const { events, problems } = withoutRepeats(await records());
  const coupons = checkCoupons(events);
  expect(problems).toEqual([]);
  expect(audit(events).problems).toEqual([]);
  expect(coupons.problems).toEqual([]);
  expect(coupons.redeemed).toBeGreaterThan(0);
  expect(offeredTwice(events)).toEqual([]);
  expect(checkGaps(events, 'shop')).toEqual([]);
  expect(checkBadTracks(events)).toEqual([]);
  expect(checkStock(events, await rowsOf('inventory', 'inventory_stock_level'))).toEqual([]);
  // The journeys were here before, and their orders are in nobody's account.
  const known = events.filter(({ data }) => !data.orderId || driver.ledger.tried.has(data.orderId));
  expect(checkAccounts(known, driver.ledger)).toEqual([]);
}, 600_000);

const run = promisify(execFile);

async function canReach(from: string, host: string, port: number): Promise<boolean> {
  const look = `exec 3<>/dev/tcp/${host}/${port}`;
  return compose('exec', '-T', from, 'timeout', '3', 'bash', '-c', look).then(
    () => true,
    () => false,
  );
}

function records() {
  const { KAFKA_USERNAME: username, KAFKA_PASSWORD: password } = process.env;
  return readLog(system.brokers, TOPICS, { username: username!, password: password! });
}

async function open(): Promise<number> {
  const { undecided, reservations } = audit(withoutRepeats(await records()).events);
  return undecided + reservations;
}

/** Coupons that are on the log more than once: a lane drops what is repeated, this finds the rest. */
function offeredTwice(events: readonly { type: string; data: any }[]): string[] {
  const seen = new Set<string>();
  return events
    .filter(({ type }) => type === 'CouponOffered')
    .map(({ data }) => `${data.visitorId}/${data.code}`)
    .filter((coupon) => seen.size === seen.add(coupon).size);
}

async function rowsOf(service: string, table: string): Promise<Row[]> {
  const client = new Client({ connectionString: system.databaseUrl(service) });
  await client.connect();
  return dump(client, table);
}
