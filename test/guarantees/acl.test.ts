import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { Writable } from 'node:stream';
import { Kafka, logLevel } from 'kafkajs';
import { clientSecurity, open, readSecurity } from '#log/security';
import type { Security } from '#log/security';
import { services } from '../../manifest.ts';
import { run } from '../../tools/bad/bad.ts';
import { alerts, metricsIn, panels } from '../../tools/compose/questions.ts';
import { parseOptions as parseBad } from '../../tools/bad/options.ts';
import { securityOfTool } from '../../tools/start/logins.ts';
import { parseOptions as parseTail } from '../../tools/tail/options.ts';
import { watch } from '../../tools/tail/tail.ts';
import { until } from '../log-harness.ts';
import { OtlpReceiver } from '../otlp-receiver.ts';
import { startSystem } from '../system.ts';
import type { RunningSystem } from '../system.ts';

/*
 * The whole system on a broker with users: each service may do what is declared, and no more. Who runs
 * it sees what it does, here too: a start of all of it is too dear for that alone.
 */

let system: RunningSystem;
const receiver = new OtlpReceiver();
beforeAll(async () => {
  await receiver.start();
  const settings = { KAFKA_SASL: '1', OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url };
  system = await startSystem([], settings);
}, 200_000);
afterAll(async () => {
  await system?.stop();
  receiver.stop();
}, 30_000);

const onTheLog = services.filter(({ reads }) => reads !== null).map(({ name }) => name);

/** A raw client with the login of a service, or with another. */
function clientOf(service: string, login: NodeJS.ProcessEnv = system.environmentOf(service)) {
  const security = clientSecurity(readSecurity(login));
  const { brokers } = system;
  return new Kafka({ brokers, logLevel: logLevel.NOTHING, retry: { retries: 3 }, ...security });
}

/** The broker's own word in an error of kafkajs, which may have wrapped it. */
function answerIn(error: unknown): string {
  const { type, cause, message } = error as { type?: string; cause?: unknown; message: string };
  return type ?? (cause ? answerIn(cause) : message);
}

/** What the broker answers to an append: its error, or nothing. */
async function append(
  service: string,
  topic: string,
  type = 'NobodyKnowsThis',
): Promise<string | undefined> {
  const producer = clientOf(service).producer({ allowAutoTopicCreation: false });
  await producer.connect();
  const messages = [{ key: 'K', value: '{}', headers: { ce_type: type } }];
  try {
    await producer.send({ topic, messages, acks: -1 });
    return undefined;
  } catch (error) {
    return answerIn(error);
  } finally {
    await producer.disconnect();
  }
}

/** What the broker answers to a reader: its error, or `read` for a first record. */
async function read(service: string, topic: string, groupId: string): Promise<string> {
  const consumer = clientOf(service).consumer({ groupId, maxWaitTimeInMs: 100 });
  await consumer.connect();
  try {
    return await new Promise<string>((resolve) => {
      consumer.on(consumer.events.CRASH, ({ payload: { error } }) => resolve(answerIn(error)));
      const eachMessage = async () => resolve('read');
      consumer
        .subscribe({ topics: [topic], fromBeginning: true })
        .then(() => consumer.run({ autoCommit: false, eachMessage }))
        .catch((error) => resolve(answerIn(error)));
    });
  } finally {
    await consumer.disconnect();
  }
}

it('starts every service as a user of its own', () => {
  const users = onTheLog.map((name) => system.environmentOf(name).KAFKA_USERNAME);
  expect(users).toEqual(onTheLog);
  const passwords = onTheLog.map((name) => system.environmentOf(name).KAFKA_PASSWORD);
  expect(new Set(passwords).size).toBe(onTheLog.length);
});

/** The trace of the checkout below, as whoever asks for it began it. */
const trace = { traceId: '4bf92f3577b34da6a3ce929d0e0e4736', spanId: '00f067aa0ba902b7' };

it('sells', async () => {
  let headers = {};
  const ask = async (method: string, path: string, body?: object) => {
    const answer = await fetch(`${system.shopUrl}/api${path}`, {
      method,
      headers: {
        cookie: 'visitor=buyer-with-rights',
        'content-type': 'application/json',
        ...headers,
      },
      ...(body && { body: JSON.stringify(body) }),
    });
    return (await answer.json()) as { orders: { orderId: string; status: string }[] };
  };
  const orderId = randomUUID();
  await ask('POST', '/cart/items', { sku: 'CAMP-001', quantity: 1 });
  headers = { traceparent: `00-${trace.traceId}-${trace.spanId}-01` };
  await ask('POST', '/checkout', { orderId, name: 'A', email: 'a@example.org', address: 'B' });
  headers = {};
  const orders = await until(
    'the order is decided',
    async () => {
      const mine = (await ask('GET', '/me')).orders;
      return mine.some(({ status }) => !['submitted', 'placed'].includes(status)) && mine;
    },
    60_000,
  );
  expect(orders).toMatchObject([{ orderId, status: 'confirmed' }]);
}, 90_000);

it('sends one trace of a checkout: from the request through every hop over the log', async () => {
  const { path, began } = await until('the trace has arrived', async () => {
    const found = receiver.pathUp(trace.traceId, 'ordering.order-process StockReserved');
    return found.path.at(-1)?.startsWith('shop') && found;
  });
  expect(path).toEqual([
    'ordering: ordering.order-process StockReserved',
    'inventory: inventory.stock-level StockRequested',
    'ordering: ordering.order-process OrderSubmitted',
    'shop: POST /api/checkout',
  ]);
  expect(began).toBe(trace.spanId);
  await until('its last hop has arrived', async () =>
    receiver.spans.some(
      ({ traceId, name }) => traceId === trace.traceId && name === 'shop.orders OrderConfirmed',
    ),
  );
}, 30_000);

it('lets a service write its own topics, and no other', async () => {
  const topics = ['orders', 'stock', 'products', 'orders.bad', 'affinities.v1', 'visitors'];
  const answers = topics.map((topic) => append('recommendations', topic));
  const refused = 'TOPIC_AUTHORIZATION_FAILED';
  expect(await Promise.all(answers)).toEqual([
    ...[refused, refused, refused, refused],
    ...[undefined, undefined],
  ]);
}, 60_000);

it('lets a service read what it declares, in groups of its own', async () => {
  expect(await read('feedback', 'visitors', 'feedback.another')).toBe('read');
  expect(await read('feedback', 'orders', 'feedback.another')).toBe('TOPIC_AUTHORIZATION_FAILED');
  // So kafkajs says that the broker refused the group.
  const refused = 'Failed to find group coordinator';
  expect(await read('feedback', 'visitors', 'shop.offers')).toBe(refused);
}, 60_000);

it.each([
  ['an unknown user', { KAFKA_USERNAME: 'nobody', KAFKA_PASSWORD: 'whatever' }],
  ['a wrong password', { KAFKA_USERNAME: 'shop', KAFKA_PASSWORD: 'whatever' }],
  [
    'a guess at the administrator',
    { KAFKA_USERNAME: 'admin', KAFKA_PASSWORD: 'whatever', KAFKA_SASL_MECHANISM: 'plain' },
  ],
])('does not let in %s', async (_, login) => {
  const admin = clientOf('', login).admin();
  await expect(admin.connect()).rejects.toThrow('Authentication failed');
  await admin.disconnect();
});

it('tells nothing to who does not log in', async () => {
  const admin = clientOf('', {}).admin();
  await admin.connect();
  await expect(admin.listTopics()).rejects.toThrow('Closed connection');
  await admin.disconnect();
});

it('a service with a wrong login ends with a sentence, which has no secret', async () => {
  for (const service of ['collector', 'feedback']) {
    const login = { KAFKA_PASSWORD: 'not-this-word', PORT: '0' };
    const child = spawn(process.execPath, [`dist/services/${service}.js`], {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: { ...system.environmentOf(service), ...login },
      timeout: 20_000,
    });
    const [said, [exitCode]] = await Promise.all([text(child.stderr), once(child, 'exit')]);
    expect(said).toBe(
      `${service} cannot start: Kafka does not let the user ${service} in: check KAFKA_USERNAME, ` +
        'KAFKA_PASSWORD and KAFKA_SASL_MECHANISM. See the log of this service.\n',
    );
    expect(exitCode).toBe(1);
  }
}, 60_000);

it('each service finds what was prepared for it, as its initContainer on Kubernetes asks', async () => {
  for (const service of onTheLog) {
    const child = spawn(process.execPath, ['dist/services/prepared.js', service], {
      stdio: ['ignore', 'pipe', 'inherit'],
      env: system.environmentOf(service),
      timeout: 20_000,
    });
    const [said, [exitCode]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
    expect([service, said, exitCode]).toEqual([
      service,
      expect.stringMatching(/^topics: ready\n(tables: ready\n)?$/),
      0,
    ]);
  }
}, 60_000);

describe('a tool', () => {
  const env = () => ({ KAFKA_SASL: '1', STREAMSIDE_DIR: system.dir });

  /** What `work` writes, and the first of it at once to `stop`. */
  async function outputOf(work: (out: Writable, stop: AbortSignal) => Promise<void>) {
    const stop = new AbortController();
    let said = '';
    const write = (chunk: Buffer, _: string, done: () => void) => {
      said += chunk.toString();
      stop.abort();
      done();
    };
    await work(new Writable({ write }), stop.signal);
    return said;
  }

  const tailed = (security: Security) =>
    outputOf((out, stop) => {
      const options = parseTail(['orders', '--from', 'start', '--json'], Date.now());
      return watch(options, system.brokers, out, stop, security);
    });
  const bad = (...args: string[]) =>
    outputOf((out) => run(parseBad(args), system.brokers, out, securityOfTool(env(), 'operator')));

  it('reads the log as a user who may read everything', async () => {
    expect(await tailed(securityOfTool(env(), 'tail'))).toContain('OrderSubmitted');
  }, 60_000);

  it('says what is missing when it does not log in', async () => {
    await expect(tailed(open)).rejects.toThrow('KAFKA_SASL=1');
  }, 60_000);

  it('decides about bad events as a user who may, once', async () => {
    await append('collector', 'stock', 'GoodsDelivered');
    const list = ['list', '--topic', 'stock', '--json'];
    const line = await until('the record is refused', () => bad(...list), 30_000);
    const { id } = JSON.parse(line) as { id: string };
    expect(await bad('retry', id)).toContain(`${id} is sent to inventory.stock-level once more`);
    await expect(bad('discard', id, '--why', 'too late')).rejects.toThrow('once is all there is');
  }, 90_000);
});

it('measures whatever a panel or an alert asks for', async () => {
  const answers = onTheLog.map(async (name) => {
    const answer = await fetch(`http://127.0.0.1:${system.environmentOf(name).PORT}/metrics`);
    return answer.text();
  });
  const text = (await Promise.all(answers)).join('\n');
  const asked = [...new Set([...panels(), ...alerts()].flatMap(({ expr }) => metricsIn(expr)))];
  const measured = (name: string) =>
    new RegExp(`^${name}(_count)?(\\{.*\\})? \\d\\S*$`, 'm').test(text);
  // What counts failures of the servers has no value before the first.
  const quiet = 'log_retries_total';
  expect(text).toContain(`# TYPE ${quiet} counter`);
  expect(asked.filter((name) => name !== quiet && !measured(name))).toEqual([]);
  for (const type of ['OrderSubmitted', 'OrderConfirmed']) {
    expect(text).toMatch(
      new RegExp(`^log_events_appended_total\\{topic="orders",type="${type}"\\} 1$`, 'm'),
    );
  }
});
