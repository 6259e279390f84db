import { randomUUID } from 'node:crypto';
import { readFileSync, readdirSync, readlinkSync } from 'node:fs';
import { Client } from 'pg';
import { services } from '../../manifest.ts';
import { readAll, until } from '../log-harness.ts';
import { startSystem } from '../system.ts';
import type { RunningSystem } from '../system.ts';

interface Me {
  cart: { lines: { sku: string; quantity: number }[] };
  orders: { orderId: string; status: string; short: { sku: string }[] }[];
}

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

  it('sells ten of the last ten to two hundred who check out at once', async () => {
    const { sku, available } = await until('the first stock is on the shelves', async () => {
      const { body } = await ask(system.shopUrl, 'nobody-yet', 'GET', '/products?sort=name');
      const { products } = body as unknown as { products: { sku: string; available: number }[] };
      return products.find((product) => product.available > 20);
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

  it('begins the live channel with the whole state, on either shop', async () => {
    const visitorId = randomUUID();
    await ask(shops()[0]!, visitorId, 'POST', '/cart/items', { sku: 'CAMP-001', quantity: 3 });
    for (const url of shops()) {
      const stop = new AbortController();
      const answer = await fetch(`${url}/api/live`, {
        headers: { cookie: `visitor=${visitorId}` },
        signal: stop.signal,
      });
      const text = answer.body!.pipeThrough(new TextDecoderStream()).getReader();
      let received = '';
      while (!/event: me\ndata: .*\n\n/.test(received)) received += (await text.read()).value ?? '';
      stop.abort();
      const [, json] = /event: me\ndata: (.*)\n\n/.exec(received)!;
      expect((JSON.parse(json!) as Me).cart.lines).toMatchObject([
        { sku: 'CAMP-001', quantity: 3 },
      ]);
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
    const views = await until('five on the log', async () => {
      const all = (await eventsOn('affinities.v1')).filter(
        ({ type, data }) => type === 'ProductSeen' && seen.includes(data.sku),
      );
      return all.length >= 5 && all;
    });
    expect(views.map(({ data }) => data.sku).sort()).toEqual(seen);
  }, 60_000);

  it('has no socket between two services', () => {
    const owners = new Map<string, string>();
    for (const { name } of services.filter((service) => service.name !== 'simulator')) {
      const pid = system.pidOf(`${name}-1`);
      for (const inode of socketsOf(pid)) owners.set(inode, name);
    }
    const connections = established().filter(({ inode }) => owners.has(inode));
    expect(connections.length).toBeGreaterThan(10); // To Kafka and PostgreSQL.
    const byLocal = new Map(connections.map((c) => [c.local, owners.get(c.inode)!]));
    const between = connections
      .map(({ inode, remote }) => [owners.get(inode), byLocal.get(remote)])
      .filter(([, peer]) => peer !== undefined);
    expect(between).toEqual([]);
  });

  it('loses nothing acknowledged when the broker is killed under load', async () => {
    const visitorId = randomUUID();
    const kept: number[] = [];
    let added = 0;
    let refused = 0;
    const broker = system.pidOf('kafka');
    for (let n = 1; n <= 150; n += 1) {
      const hit = {
        type: 'PageViewed',
        visitorId,
        sessionId: 's',
        tab: `t${Math.floor(n / 20)}`,
        hit: (n % 20) + 1,
        site: 'shop',
        url: `/page/${n}`,
      };
      if (n === 40) process.kill(broker, 'SIGKILL');
      const [status, cart] = await Promise.all([
        collect([hit]),
        ask(system.shopUrl, visitorId, 'POST', '/cart/items', { sku: 'CAMP-001', quantity: 1 }),
      ]);
      expect([204, 503]).toContain(status);
      if (status === 204) kept.push(n);
      else refused += 1;
      if (cart.status === 200) added += 1;
      if (kept.length > 100 && system.pidOf('kafka') !== broker) break;
    }
    expect({ refused: refused > 0, kept: kept.length > 60 }).toEqual({ refused: true, kept: true });
    expect(system.said.some((line) => line.includes('Kafka ended'))).toBe(true);
    const mine = await until('everything acknowledged is on the log', async () => {
      const all = (await eventsOn('visitors')).filter(({ key }) => key === visitorId);
      const pages = new Set(all.filter((e) => e.type === 'PageViewed').map((e) => e.data.url));
      const inCart = all.filter((e) => e.type === 'ItemAddedToCart').length;
      return kept.every((n) => pages.has(`/page/${n}`)) && inCart >= added && all;
    });
    expect(mine.filter((e) => e.type === 'ItemAddedToCart')).toHaveLength(added);
    const orderId = randomUUID();
    await ask(system.shopUrl, 'after-the-storm', 'POST', '/cart/items', {
      sku: 'GAME-011',
      quantity: 1,
    });
    await checkOut(system.shopUrl, 'after-the-storm', orderId);
    expect((await decided('after-the-storm', orderId)).status).toBe('confirmed');
  }, 180_000);
});

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

/** Established TCP connections of this machine; addresses as hex, IPv4 in IPv6 unwrapped. */
function established(): { local: string; remote: string; inode: string }[] {
  const lines = ['tcp', 'tcp6'].flatMap((file) =>
    readFileSync(`/proc/net/${file}`, 'utf8').trim().split('\n').slice(1),
  );
  const address = (text: string) => text.replace(/^0{16}FFFF0000/, '');
  return lines
    .map((line) => line.trim().split(/\s+/))
    .filter((fields) => fields[3] === '01')
    .map((fields) => ({
      local: address(fields[1]!),
      remote: address(fields[2]!),
      inode: fields[9]!,
    }));
}
