import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { Kafka, logLevel } from 'kafkajs';
import { CouponOffered, ExitIntended, ItemAddedToCart, visitors } from '#contracts/visitors';
import { TYPE_HEADER } from '#log/envelope';
import { within } from '#log/within';
import { LogWriter } from '#log/writer';
import { isInControlGroup } from '../../apps/feedback/src/policy.ts';
import { hit } from '../hits.ts';
import { readOn } from '../relay.ts';
import { serve, settings } from '../serve.ts';
import { percentile } from '../statistics.ts';

/*
 * Visitors who put something in the cart and reach for the way out, so many a second, and how long it
 * takes from the append of that until their offer is on the log.
 */

const LIMIT_MS = 20_000;
const { brokers, perSecond } = settings<{ brokers: string[]; perSecond: number }>();
const shop = await LogWriter.connect({ brokers, service: 'shop' });
const collector = await LogWriter.connect({ brokers, service: 'collector' });
const waiting = new Map<string, () => void>();
const kafka = new Kafka({ brokers, logLevel: logLevel.NOTHING });
await readOn(kafka, { topic: visitors.name, as: 'offers' }, async ({ message }) => {
  if (message.headers?.[TYPE_HEADER]?.toString() !== CouponOffered.type) return;
  waiting.get(message.key!.toString())?.();
});

serve(async ({ count }: { count: number }) => {
  const leave = async (_: unknown, i: number) => {
    await pause((1000 / perSecond) * i);
    return tookMs(i);
  };
  const times = await Promise.all(Array.from({ length: count }, leave));
  return { p50: percentile(times, 0.5), p99: percentile(times, 0.99) };
});

async function tookMs(i: number): Promise<number> {
  let visitorId = randomUUID() as string;
  while (isInControlGroup(visitorId)) visitorId = randomUUID();
  const unitPrice = { cents: 4900, currency: 'EUR' as const };
  await shop.append([ItemAddedToCart({ visitorId, sku: 'SLED-01', quantity: 1, unitPrice })]);
  const offered = new Promise<void>((resolve) => waiting.set(visitorId, resolve));
  const began = performance.now();
  await collector.append([ExitIntended({ ...hit(i), visitorId })]);
  await within(LIMIT_MS, offered);
  waiting.delete(visitorId);
  return performance.now() - began;
}
