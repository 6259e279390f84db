import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync, readdirSync, readlinkSync, rmSync } from 'node:fs';
import { Client } from 'pg';
import { services } from '../../manifest.ts';
import { birthOf } from '../../tools/start/processes.ts';
import { readAll, until } from '../log-harness.ts';
import { startSystem } from '../system.ts';
import type { RunningSystem } from '../system.ts';

interface Me {
  cart: { lines: { sku: string; quantity: number }[] };
  orders: { orderId: string; status: string; short: { sku: string }[] }[];
}

/** Products the other tests buy: the last ten of them must not be sold out first. */
const NEEDED_LATER = new Set(['CAMP-001', 'GAME-011', 'MUSC-006']);

describe('the whole system, with two shops', () => {
  let system: RunningSystem;
  beforeAll(async () => {
    system = await startSystem(['--replicas', 'shop=2']);
  }, 200_000);
  afterAll(() => system?.stop(), 30_000);

  const shops = () => [system.shopUrl, system.secondShopUrl()];
  const ask = async (
    url: string,
    visitorId: string,
    method: string,
    path: string,
    body?: object,
  ) => {
    const answer = await fetch(`${url}/api${path}`, {
      method,
      headers: {
        cookie: `visitor=${visitorId}`,
        ...(body && { 'content-type': 'application/json' }),
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return { status: answer.status, body: (await answer.json()) as Me };
  };
  const collect = async (hits: object[]): Promise<number> => {
    const answer = await fetch(`${system.collectorUrl}/collect`, {
      method: 'POST',
      body: JSON.stringify(hits),
      headers: { 'content-type': 'application/json' },
    });
    await answer.body?.cancel();
    return answer.status;
  };
  const eventsOn = async (topic: string) => {
    const seen = new Set<string>();
    const events = (await readAll(topic, system.brokers)).map(({ key, value, headers }) => ({
      key: key?.toString(),
      place: `${headers.ce_lane} ${headers.ce_sequence}`,
      ...(JSON.parse(value!.toString()) as { type: string; data: any }),
    }));
    return events.filter(({ place }) => !seen.has(place) && seen.add(place));
  };
  const checkOut = (url: string, visitorId: string, orderId: string) =>
    ask(url, visitorId, 'POST', '/checkout', {
      orderId,
      name: 'A',
      email: 'a@example.org',
      address: 'B',
    });
  const decided = (visitorId: string, orderId: string) =>
    until(
      `the order ${orderId} is decided`,
      async () => {
        const { body } = await ask(system.shopUrl, visitorId, 'GET', '/me');
        const order = body.orders.find((o) => o.orderId === orderId);
        return order && !['submitted', 'placed'].includes(order.status) && order;
      },
      60_000,
    );

  it('has the whole catalogue as soon as it says that it is ready', async () => {
    const answers = await Promise.all(
      shops().map((url) => ask(url, 'nobody-yet', 'GET', '/products')),
    );
    const published = new Set((await eventsOn('products')).map(({ key }) => key)).size;
    const totals = answers.map(({ body }) => (body as unknown as { total: number }).total);
    expect([published > 0, ...totals]).toEqual([true, published, published]);
  }, 60_000);

  it('sells ten of the last ten to two hundred who check out at once', async () => {
    const { sku, available } = await until('the first stock is on the shelves', async () => {
      const { body } = await ask(system.shopUrl, 'nobody-yet', 'GET', '/products?sort=name');
      const { products } = body as unknown as { products: { sku: string; available: number }[] };
      return products.find((product) => product.available > 20 && !NEEDED_LATER.has(product.sku));
    });
    // Somebody buys all but ten.
    const big = randomUUID();
    await ask(system.shopUrl, 'big-buyer-1', 'POST', '/cart/items', {
      sku,
      quantity: available - 10,
    });
    await checkOut(system.shopUrl, 'big-buyer-1', big);
    expect((await decided('big-buyer-1', big)).status).toBe('confirmed');

    const buyers = Array.from({ length: 200 }, (_, i) => ({
      visitorId: `buyer-number-${i}`,
      orderId: randomUUID(),
      url: shops()[i % 2]!,
    }));
    await Promise.all(
      buyers.map(({ url, visitorId }) =>
        ask(url, visitorId, 'POST', '/cart/items', { sku, quantity: 1 }),
      ),
    );
    const answers = await Promise.all(
      buyers.map(({ url, visitorId, orderId }) => checkOut(url, visitorId, orderId)),
    );
    expect(answers.every(({ status }) => status === 202)).toBe(true);
    const mine = new Set(buyers.map(({ orderId }) => orderId));
    const outcomes = await until(
      'all are decided',
      async () => {
        const ended = (await eventsOn('orders')).filter(
          ({ type, data }) =>
            /OrderConfirmed|OrderRejected|OrderCancelled/.test(type) && mine.has(data.orderId),
        );
        return ended.length >= 200 && ended;
      },
      60_000,
    );
    const count = (type: string) => outcomes.filter((o) => o.type === type).length;
    expect([count('OrderConfirmed'), count('OrderRejected'), outcomes.length]).toEqual([
      10, 190, 200,
    ]);
    const short = outcomes.filter((o) => o.type === 'OrderRejected').map(({ data }) => data.short);
    expect(short).toEqual(Array(190).fill([{ sku, requested: 1, onHand: 0 }]));
    const levels = (await eventsOn('stock-levels')).filter(({ key }) => key === sku);
    expect(Math.min(...levels.map(({ data }) => data.onHand))).toBe(0);
  }, 180_000);

  it('loses nothing of a cart that both shops write at once', async () => {
    const visitorId = randomUUID();
    const wanted = ['CAMP-001', 'GAME-011', 'MUSC-006'];
    await Promise.all(
      Array.from({ length: 60 }, (_, i) =>
        ask(shops()[i % 2]!, visitorId, 'POST', '/cart/items', { sku: wanted[i % 3], quantity: 1 }),
      ),
    );
    await Promise.all(
      wanted.map((sku, i) =>
        ask(shops()[i % 2]!, visitorId, 'DELETE', `/cart/items/${sku}?quantity=5`),
      ),
    );
    const { body } = await ask(shops()[1]!, visitorId, 'GET', '/me');
    const cart = Object.fromEntries(body.cart.lines.map(({ sku, quantity }) => [sku, quantity]));
    expect(cart).toEqual({ 'CAMP-001': 15, 'GAME-011': 15, 'MUSC-006': 15 });
    // What the log says of it, added up here.
    const folded = await until('63 events', async () => {
      const mine = (await eventsOn('visitors')).filter(({ key }) => key === visitorId);
      return mine.length === 63 && mine;
    });
    const sum: Record<string, number> = {};
    for (const { type, data } of folded) {
      sum[data.sku] = (sum[data.sku] ?? 0) + (type === 'ItemAddedToCart' ? 1 : -1) * data.quantity;
    }
    expect(sum).toEqual(cart);
  }, 60_000);

  it('takes the same checkout sent twice, on either shop, as one order', async () => {
    const [visitorId, orderId] = [randomUUID(), randomUUID()];
    await ask(system.shopUrl, visitorId, 'POST', '/cart/items', { sku: 'CAMP-001', quantity: 1 });
    const answers = await Promise.all(
      [...shops(), ...shops()].map((url) => checkOut(url, visitorId, orderId)),
    );
    expect(answers.map(({ status }) => status)).toEqual([202, 202, 202, 202]);
    await decided(visitorId, orderId);
    const mine = (await eventsOn('orders')).filter(({ key }) => key === orderId);
    expect(mine.filter(({ type }) => type === 'OrderSubmitted')).toHaveLength(1);
    expect((await checkOut(system.shopUrl, 'somebody-else', orderId)).status).toBe(409);
  }, 60_000);

  it('begins the live channel with all that was missed, on either shop', async () => {
    const [visitorId, orderId] = [randomUUID(), randomUUID()];
    const put = (quantity: number) =>
      ask(shops()[1]!, visitorId, 'POST', '/cart/items', { sku: 'CAMP-001', quantity });
    await put(1);
    const first = await firstOfLive(shops()[0]!, visitorId);
    expect(first.cart.lines).toMatchObject([{ sku: 'CAMP-001', quantity: 1 }]);
    // The line is cut, and meanwhile the visitor orders and goes on shopping, at the other shop.
    await checkOut(shops()[1]!, visitorId, orderId);
    await decided(visitorId, orderId);
    await put(2);
    for (const url of shops()) {
      const me = await firstOfLive(url, visitorId);
      expect(me.cart.lines).toMatchObject([{ sku: 'CAMP-001', quantity: 2 }]);
      expect(me.orders).toMatchObject([{ orderId, status: 'confirmed' }]);
    }
  }, 60_000);

  it('counts the hits of a tab once, resent and overtaken as they may be', async () => {
    const visitorId = randomUUID();
    const seen = ['HOME-001', 'HOME-002', 'HOME-003', 'HOME-004', 'HOME-005'];
    const hits = seen.map((sku, i) => ({
      type: 'ProductViewed',
      sku,
      visitorId,
      sessionId: 's',
      tab: 't',
      hit: i + 1,
      site: 'shop',
      url: '/',
    }));
    const [a, b, c, d, e] = hits as [object, object, object, object, object];
    for (const batch of [[a, b], [a, b, c], [e], [c, d, e], [d, e], hits]) {
      expect(await collect(batch)).toBe(204);
    }
    const last = { ...a, hit: 6, type: 'CartViewed', sku: undefined };
    expect(await collect([last])).toBe(204);
    const client = new Client({ connectionString: system.databaseUrl('feedback') });
    await client.connect();
    const state = await until('the last hit is counted', async () => {
      const { rows } = await client.query('select state from feedback_abandonment where key = $1', [
        visitorId,
      ]);
      const visit = rows[0] && JSON.parse(rows[0].state);
      return visit?.cartViews === 1 && visit;
    });
    await client.end();
    expect(state.productViews).toBe(5);
    // Whatever was seen before this one is on the log before it.
    const end = { ...a, hit: 7, sku: 'HOME-006' };
    expect(await collect([end])).toBe(204);
    const views = await until('the last view is on the log', async () => {
      const all = (await eventsOn('affinities.v1'))
        .filter(({ type }) => type === 'ProductSeen')
        .map(({ data }) => data.sku as string);
      return all.includes(end.sku) && all;
    });
    expect(views.filter((sku) => seen.includes(sku)).sort()).toEqual(seen);
  }, 60_000);

  it('has no socket from a service to anything but Kafka and its database', () => {
    const running = services.filter(({ name }) => name !== 'simulator').map(({ name }) => name);
    const owners = new Map<string, string>();
    for (const name of [...running.map((service) => `${service}-1`), 'shop-2']) {
      for (const inode of socketsOf(system.pidOf(name))) owners.set(inode, name);
    }
    const sockets = tcpSockets().filter(({ inode }) => owners.has(inode));
    const doors = sockets.filter(({ state }) => state === LISTEN).map(({ localPort }) => localPort);
    const peers: Record<number, string> = {
      [Number(system.brokers[0]!.split(':')[1])]: 'Kafka',
      [Number(new URL(system.databaseUrl('shop')).port)]: 'PostgreSQL',
    };
    const outgoing = sockets
      .filter(({ state, localPort }) => state === ESTABLISHED && !doors.includes(localPort))
      .map(({ inode, remotePort }) => `${owners.get(inode)} > ${peers[remotePort] ?? remotePort}`);
    expect(outgoing.filter((line) => !/ > (Kafka|PostgreSQL)$/.test(line))).toEqual([]);
    for (const name of owners.values()) expect(outgoing).toContain(`${name} > Kafka`);
    expect(outgoing).toContain('shop-2 > PostgreSQL');
  });

  it('loses nothing acknowledged when the broker is killed under load', async () => {
    const visitorId = randomUUID();
    const skus = ['CAMP-001', 'GAME-011', 'MUSC-006'];
    const put = (n: number) => {
      const item = { sku: skus[n % 3], quantity: 1 };
      return ask(shops()[n % 2]!, visitorId, 'POST', '/cart/items', item);
    };
    const view = (hit: number) =>
      collect([
        { type: 'PageViewed', visitorId, sessionId: 's', tab: 't', hit, site: 'shop', url: '/' },
      ]);
    const refused: number[] = [];
    let sent = 0;
    let keptInARow = 0;
    while (sent < 200 && (refused.length === 0 || keptInARow < 60)) {
      sent += 1;
      if (sent === 40) process.kill(system.pidOf('kafka'), 'SIGKILL');
      const [status, cart] = await Promise.all([view(sent), put(sent)]);
      // The shop sells on: its events wait in its own database.
      expect([cart.status, [204, 503].includes(status)]).toEqual([200, true]);
      keptInARow = status === 204 ? keptInARow + 1 : 0;
      if (status === 503) refused.push(sent);
    }
    expect(refused).not.toEqual([]);
    expect(keptInARow).toBe(60);
    expect(system.said.some((line) => line.includes('Kafka ended'))).toBe(true);
    const { hits, added } = await until('everything acknowledged is on the log', async () => {
      const all = (await eventsOn('visitors')).filter(({ key }) => key === visitorId);
      const numbers = all.filter((e) => e.type === 'PageViewed').map((e) => e.data.hit as number);
      const inCart = all.filter((e) => e.type === 'ItemAddedToCart');
      return inCart.length >= sent && { hits: numbers, added: inCart };
    });
    // A refused hit may have come through, its answer lost: that is why a tab numbers its hits.
    const wanted = Array.from({ length: sent }, (_, i) => i + 1).filter(
      (n) => !refused.includes(n),
    );
    expect(hits.filter((n) => !refused.includes(n))).toEqual(wanted);
    expect(added).toHaveLength(sent);

    const [buyer, orderId] = [randomUUID(), randomUUID()];
    await ask(system.shopUrl, buyer, 'POST', '/cart/items', { sku: 'GAME-011', quantity: 1 });
    await checkOut(system.shopUrl, buyer, orderId);
    expect((await decided(buyer, orderId)).status).toBe('confirmed');
  }, 180_000);

  it('ends, and whatever it started with it, when somebody deletes its folder', async () => {
    const names = ['kafka', 'postgres', 'shop-1', 'shop-2', 'collector-1', 'feedback-1'];
    const started = names.map((name) => system.pidOf(name));
    expect(started.filter(lives)).toEqual(started);
    await until('the folder is gone', async () => emptied(system.dir));
    // Kafka notices in seconds, PostgreSQL looks once a minute.
    await until('they end', async () => started.filter(lives).length === 0, 100_000);
    expect(system.said.join('\n')).toContain(
      `The folder ${system.dir} is gone, and all data with it: start again, from nothing.`,
    );
  }, 120_000);
});

/** Whoever makes a file in a folder while it is deleted keeps it: is it gone now? */
function emptied(dir: string): boolean {
  try {
    rmSync(dir, { recursive: true, force: true });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error;
  }
  return !existsSync(dir);
}

function lives(pid: number): boolean {
  return birthOf(pid) !== null;
}

/** The first message of a live channel, which is then cut. */
async function firstOfLive(url: string, visitorId: string): Promise<Me> {
  const cut = new AbortController();
  const answer = await fetch(`${url}/api/live`, {
    headers: { cookie: `visitor=${visitorId}` },
    signal: cut.signal,
  });
  const text = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
  let received = '';
  for (;;) {
    const { value, done } = await text.read();
    if (done) throw new Error(`The live channel ended after "${received}".`);
    received += value;
    const [, first] = /^event: .*\ndata: (.*)\n\n/m.exec(received) ?? [];
    if (first === undefined) continue;
    cut.abort();
    return JSON.parse(first) as Me;
  }
}

/** Inodes of the sockets a process has open. */
function socketsOf(pid: number): string[] {
  return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
    try {
      const inode = /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/${pid}/fd/${fd}`))?.[1];
      return inode ? [inode] : [];
    } catch {
      return []; // Closed meanwhile.
    }
  });
}

const ESTABLISHED = '01';
const LISTEN = '0A';

/** The TCP sockets of this machine, IPv4 and IPv6. */
function tcpSockets() {
  const lines = ['tcp', 'tcp6'].flatMap((file) =>
    readFileSync(`/proc/net/${file}`, 'utf8').trim().split('\n').slice(1),
  );
  const portOf = (address: string) => Number.parseInt(address.split(':')[1]!, 16);
  return lines
    .map((line) => line.trim().split(/\s+/))
    .map((fields) => ({
      localPort: portOf(fields[1]!),
      remotePort: portOf(fields[2]!),
      state: fields[3]!,
      inode: fields[9]!,
    }));
}
