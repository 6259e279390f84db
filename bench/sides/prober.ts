import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { isInControlGroup } from '../../apps/feedback/src/policy.ts';
import { messagesOf } from '../../apps/simulator/src/server-sent-events.ts';
import { putInCart } from '../cart.ts';
import { collect, hit } from '../hits.ts';
import { percentile } from '../statistics.ts';
import { serve, settings } from '../serve.ts';

/* Visitors who wait for an offer on the live channel, and how long it takes to come. */

const LIMIT_MS = 40_000;
const { feedbackUrl } = settings<{ feedbackUrl: string }>();

interface Doors {
  collectorUrl: string;
  liveUrl: string;
  /** Null where there are no carts. */
  sku: string | null;
}

interface Visitor {
  visitorId: string;
  /** When the offer came, ms since 1970. */
  offered: Promise<number>;
}

const now = () => performance.timeOrigin + performance.now();

serve(async ({ kind, count, ...doors }: Doors & { kind: 'exit' | 'wake'; count: number }) => {
  const leaving = new AbortController();
  const visitors: Visitor[] = [];
  const open = async () => {
    while (visitors.length < count) visitors.push(await enter(doors, leaving.signal));
  };
  await Promise.all(Array.from({ length: 8 }, open));
  const tookMs = await (kind === 'exit' ? exitAll(visitors, doors) : untilWoken(visitors));
  leaving.abort();
  return { p50: percentile(tookMs, 0.5), p99: percentile(tookMs, 0.99) };
});

/** A visitor with something in the cart, who listens. */
async function enter({ liveUrl, sku }: Doors, signal: AbortSignal): Promise<Visitor> {
  let visitorId = randomUUID() as string;
  while (isInControlGroup(visitorId)) visitorId = randomUUID();
  if (sku !== null) await putInCart(liveUrl, visitorId, sku);
  const headers = { cookie: `visitor=${visitorId}` };
  const live = await fetch(`${liveUrl}/api/live`, { headers, signal });
  return { visitorId, offered: offerOf(live.body!) };
}

async function offerOf(body: ReadableStream<Uint8Array>): Promise<number> {
  for await (const { event, data } of messagesOf(body)) {
    if (event === 'me' && JSON.parse(data).offer) return now();
  }
  throw new Error('The live channel ended before an offer came.');
}

/** Each reaches for the way out, 25 a second. */
function exitAll(visitors: Visitor[], { collectorUrl }: Doors): Promise<number[]> {
  const exit = async ({ visitorId, offered }: Visitor, i: number) => {
    await pause(40 * i);
    const began = now();
    await collect(collectorUrl, { ...hit(i), type: 'ExitIntended', visitorId });
    return (await inTime(offered)) - began;
  };
  return Promise.all(visitors.map(exit));
}

/** Nobody moves: the offer comes by the timer that feedback has set. */
async function untilWoken(visitors: Visitor[]): Promise<number[]> {
  const due = await timersOf(visitors.map(({ visitorId }) => visitorId));
  const late = async ({ visitorId, offered }: Visitor) =>
    (await inTime(offered)) - due.get(visitorId)!;
  return Promise.all(visitors.map(late));
}

async function timersOf(visitorIds: string[]): Promise<Map<string, number>> {
  const client = new pg.Client({ connectionString: feedbackUrl });
  await client.connect();
  try {
    for (const limit = now() + LIMIT_MS; now() < limit; await pause(50)) {
      const { rows } = await client.query<{ key: string; due_at: string }>(
        'select key, due_at from feedback_abandonment where key = any($1)',
        [visitorIds],
      );
      if (rows.length < visitorIds.length) continue;
      return new Map(rows.map(({ key, due_at }) => [key, Number(due_at)]));
    }
    throw new Error('Feedback does not know all visitors.');
  } finally {
    await client.end();
  }
}

function inTime<T>(promise: Promise<T>): Promise<T> {
  const limit = pause(LIMIT_MS, undefined, { ref: false }).then(() => {
    throw new Error(`No offer in ${LIMIT_MS / 1000} s.`);
  });
  return Promise.race([promise, limit]);
}
