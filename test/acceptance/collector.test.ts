import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { createHmac, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import { connect } from 'node:net';
import request from 'supertest';
import type { LogEvent } from '#contracts/contract';
import { topics } from '#contracts/all';
import { connectKafka } from '#log/kafka';
import { silent } from '#log/log-sink';
import { tail } from '#log/tail';
import type { Tail } from '#log/tail';
import { createTopics } from '#log/topics';
import { freePorts } from '../../tools/start/ports.ts';

/* The collector as a process of its own, a real broker, and what is on the log afterwards. */
const brokers = (process.env['TEST_KAFKA_BROKERS'] ?? '').split(',');
const secret = `secret-${randomUUID()}`;
const text = { 'content-type': 'text/plain' };

class Collector {
  private constructor(
    readonly url: string,
    private readonly child: ChildProcess,
  ) {}

  static async start(port: number, kafkaBrokers: string[]): Promise<Collector> {
    const child = spawn(process.execPath, ['dist/services/collector.js'], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: {
        ...process.env,
        PORT: String(port),
        KAFKA_BROKERS: kafkaBrokers.join(','),
        DELIVERIES_SECRET: secret,
        LOG_LEVEL: 'info',
      },
    });
    let said = '';
    for await (const chunk of child.stdout) {
      said += String(chunk);
      if (said.includes('is ready on port')) {
        return new Collector(`http://127.0.0.1:${port}`, child);
      }
    }
    throw new Error(`The collector ended before it was ready: ${said}`);
  }

  post(path: string, body: string, headers: Record<string, string> = text) {
    return request(this.url).post(path).set(headers).send(body);
  }

  async stop(): Promise<void> {
    const ended = once(this.child, 'exit');
    this.child.kill('SIGTERM');
    await ended;
  }
}

/** Everything that comes onto the watched topics from now on. */
class Watched extends EventEmitter {
  readonly events: LogEvent[] = [];

  see(event: LogEvent | undefined): void {
    if (!event) return;
    this.events.push(event);
    this.emit('event');
  }

  /** Waits for `count` events that `wanted` chooses. */
  async find(count: number, wanted: (event: LogEvent) => boolean): Promise<LogEvent[]> {
    while (this.events.filter(wanted).length < count) {
      await once(this, 'event', { signal: AbortSignal.timeout(15_000) });
    }
    return this.events.filter(wanted);
  }
}

const hit = (visitorId: string, number: number, more: object = {}) => ({
  type: 'ProductViewed',
  visitorId,
  sessionId: 'session-1',
  tab: 'tab-1',
  hit: number,
  site: 'shop',
  url: 'http://shop/products/MUG-1',
  sku: 'MUG-1',
  ...more,
});
const signed = (body: string, seconds = Math.floor(Date.now() / 1000), by = secret) => {
  const hex = createHmac('sha256', by).update(`${seconds}.${body}`).digest('hex');
  return { 'content-type': 'application/json', 'x-signature': `t=${seconds},v1=${hex}` };
};

const delivery = (more: object = {}) =>
  JSON.stringify({
    deliveryId: randomUUID(),
    supplier: 'Potters',
    items: [
      { sku: 'MUG-1', quantity: 5 },
      { sku: 'MUG-2', quantity: 7 },
    ],
    ...more,
  });

describe('the collector', () => {
  const watched = new Watched();
  let collector: Collector;
  let watching: Tail;
  let port: number;
  let deadBroker: number;

  beforeAll(async () => {
    [port, deadBroker] = (await freePorts(2)) as [number, number];
    await createTopics(brokers);
    const names = ['visitors', 'visitors.bad', 'stock', 'playground', 'systems'];
    const client = connectKafka(brokers, 'collector-test', silent);
    collector = await Collector.start(port, brokers);
    const watch = names.map((name) => topics().get(name)!);
    watching = await tail(client, watch, 'now', ({ event }) => watched.see(event));
  });
  afterAll(async () => {
    await collector?.stop();
    await watching?.close();
  });

  const refusedOf = (visitorId: string) => (event: LogEvent) =>
    event.type === 'RecordRefused' && (event.data as { key: string }).key === visitorId;
  const rawOf = (event: LogEvent | undefined) =>
    Buffer.from((event!.data as { value: string }).value, 'base64').toString();

  it('answers 204 and the hit is on the log, in the trace of its request', async () => {
    const visitorId = randomUUID();
    const trace = `00-${randomUUID().replaceAll('-', '')}-00f067aa0ba902b7-01`;
    const headers = { 'content-type': 'application/json', traceparent: trace };
    const response = await collector.post('/collect', JSON.stringify(hit(visitorId, 1)), headers);
    expect([response.status, response.text]).toEqual([204, '']);
    const [event] = await watched.find(1, ({ key }) => key === visitorId);
    const { type, ...data } = hit(visitorId, 1);
    expect(event).toMatchObject({ type, data, source: 'collector', traceparent: trace });
  });

  it('keeps a batch of 100 in its order', async () => {
    const visitorId = randomUUID();
    const batch = Array.from({ length: 100 }, (_, i) => hit(visitorId, i + 1));
    expect((await collector.post('/collect', JSON.stringify(batch))).status).toBe(204);
    const events = await watched.find(100, ({ key }) => key === visitorId);
    expect(events.map(({ data }) => (data as { hit: number }).hit)).toEqual(
      batch.map(({ hit: number }) => number),
    );
  });

  it('answers 400 with the field, and the raw hit is on the bad track', async () => {
    const visitorId = randomUUID();
    const body = JSON.stringify(hit(visitorId, 1, { sku: 'no sku' }));
    const { status, body: answer } = await collector.post('/collect', body);
    expect([status, answer.field]).toEqual([400, 'sku']);
    expect(answer.error).toMatch(/sku must be 2 to 32 capital letters/);
    const [refused] = await watched.find(1, refusedOf(visitorId));
    expect(refused!.data).toMatchObject({ group: 'collector', topic: 'visitors', offset: null });
    expect(rawOf(refused)).toBe(body);
  });

  it('keeps the valid hits of a batch and lists the others', async () => {
    const visitorId = randomUUID();
    const batch = [
      hit(visitorId, 1),
      hit(visitorId, 2, { type: 'CouponOffered' }),
      hit(visitorId, 3),
      hit(visitorId, 0),
    ];
    const { status, body } = await collector.post('/collect', JSON.stringify(batch));
    expect(status).toBe(400);
    expect(body.refused).toMatchObject([
      { index: 1, field: 'type' },
      { index: 3, field: 'hit' },
    ]);
    const kept = await watched.find(2, ({ key }) => key === visitorId);
    expect(kept.map(({ data }) => (data as { hit: number }).hit)).toEqual([1, 3]);
    const bad = await watched.find(2, refusedOf(visitorId));
    const raw = bad.map((event) => JSON.parse(rawOf(event)));
    expect(raw).toEqual(expect.arrayContaining([batch[1], batch[3]]));
  });

  it('keeps a body that does not parse', async () => {
    const body = `{"type":"PageViewed","${randomUUID()}`;
    const headers = { 'content-type': 'application/json' };
    const { status, body: answer } = await collector.post('/collect', body, headers);
    expect([status, answer.field]).toEqual([400, '(body)']);
    await watched.find(1, (event) => event.type === 'RecordRefused' && rawOf(event) === body);
    const { text } = await request(collector.url).get('/metrics');
    expect(text).toMatch(/^log_records_refused_total\{group="collector",.*"unparsable"\} 1$/m);
  });

  it.each([66_000, 300_000])('answers 413 to a body of %d bytes', async (size) => {
    const { status, body } = await collector.post('/collect', 'x'.repeat(size));
    expect(status).toBe(413);
    expect(body.error).toEqual(expect.any(String));
  });

  it('lets pages of any origin send', async () => {
    const origin = 'https://a-page.example';
    const asked = await request(collector.url).options('/collect').set({
      origin,
      'access-control-request-method': 'POST',
      'access-control-request-headers': 'content-type',
    });
    expect(asked.status).toBe(204);
    expect(asked.headers['access-control-allow-headers']).toBe('content-type');
    const sent = await collector.post('/collect', 'nonsense', { origin, ...text });
    for (const response of [asked, sent]) {
      expect(response.headers['access-control-allow-origin']).toBe('*');
    }
  });

  it('serves the tag, and not again to who has it', async () => {
    const first = await request(collector.url).get('/s.js');
    expect(first.headers['content-type']).toBe('text/javascript; charset=utf-8');
    expect(first.headers['content-encoding']).toBe('gzip');
    expect(Number(first.headers['content-length'])).toBeLessThanOrEqual(3000);
    expect(first.text).toContain("ss('create', site)");
    const etag = first.headers['etag']!;
    const again = await request(collector.url).get('/s.js').set('if-none-match', etag);
    expect([again.status, again.text]).toEqual([304, '']);
    const plain = await request(collector.url).get('/s.js').set('accept-encoding', 'identity');
    expect(plain.headers['content-encoding']).toBeUndefined();
  });

  describe('for suppliers', () => {
    it('turns a signed delivery into one event a product', async () => {
      const deliveryId = randomUUID();
      const body = delivery({ deliveryId });
      expect((await collector.post('/hooks/deliveries', body, signed(body))).status).toBe(202);
      const of = ({ data }: LogEvent) =>
        (data as { deliveryId?: string }).deliveryId === deliveryId;
      const goods = await watched.find(2, of);
      const said = goods.map(({ type, key, data }) => [
        type,
        key,
        (data as { quantity: number }).quantity,
      ]);
      expect(said.toSorted()).toEqual([
        ['GoodsDelivered', 'MUG-1', 5],
        ['GoodsDelivered', 'MUG-2', 7],
      ]);
    });

    const now = Math.floor(Date.now() / 1000);
    it.each([
      ['no signature', () => text],
      ['another secret', (body: string) => signed(body, now, 'guessed')],
      ['another body', () => signed('{}')],
      ['an old signature', (body: string) => signed(body, now - 400)],
      ['a signature of the future', (body: string) => signed(body, now + 400)],
    ])('answers 401 to %s', async (_, headersOf) => {
      const body = delivery();
      const response = await collector.post('/hooks/deliveries', body, headersOf(body));
      expect(response).toMatchObject({
        status: 401,
        body: { field: 'x-signature', error: expect.stringMatching(/^Header x-signature/) },
      });
    });

    it.each([
      ['deliveryId', delivery({ deliveryId: '' })],
      ['items', delivery({ items: [] })],
      ['items', delivery({ items: Array(2).fill({ sku: 'MUG-1', quantity: 1 }) })],
      ['items.0.sku', delivery({ items: [{ sku: 'mug', quantity: 1 }] })],
      ['(body)', 'no JSON'],
    ])('answers 400 for the field %s', async (field, body) => {
      const response = await collector.post('/hooks/deliveries', body, signed(body));
      expect(response).toMatchObject({ status: 400, body: { field } });
    });
  });

  describe('for anybody', () => {
    it('publishes what curl -d sends', async () => {
      const message = `checkout ${randomUUID()}`;
      const form = { 'content-type': 'application/x-www-form-urlencoded' };
      const response = await collector.post('/pub?topic=playground', message, form);
      expect([response.status, response.text]).toEqual([200, 'OK']);
      const said = ({ data }: LogEvent) => (data as { body?: string }).body === message;
      expect(await watched.find(1, said)).toMatchObject([{ type: 'MessagePublished', key: null }]);
    });

    it.each(['', '?topic=visitors', '?topic=playground&topic=visitors'])(
      'answers 404 to /pub%s',
      async (query) => {
        const response = await collector.post(`/pub${query}`, 'checkout');
        expect(response).toMatchObject({ status: 404, body: { field: 'topic' } });
      },
    );
  });

  it('answers 503 within 5 seconds while the broker is away, never 204', async () => {
    const [doorPort] = await freePorts(1);
    const alone = await Collector.start(doorPort!, [`127.0.0.1:${deadBroker}`]);
    try {
      expect(await refusesConnections(deadBroker)).toBe(true);
      const body = delivery();
      const started = performance.now();
      const answers = await Promise.all([
        alone.post('/collect', JSON.stringify(hit(randomUUID(), 1))),
        alone.post('/collect', 'refused, and not kept either'),
        alone.post('/hooks/deliveries', body, signed(body)),
        alone.post('/pub?topic=playground', 'checkout'),
      ]);
      expect(performance.now() - started).toBeLessThan(6000);
      expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503]);
      for (const answer of answers) {
        expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
        expect(answer.body).toEqual({ error: expect.stringMatching(/again/) });
      }
    } finally {
      await alone.stop();
    }
  });
});

function refusesConnections(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('error', () => resolve(true));
    socket.once('connect', () => {
      socket.destroy();
      resolve(false);
    });
  });
}
