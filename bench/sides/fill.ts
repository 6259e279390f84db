import { LogWriter } from '#log/writer';
import { views } from '../hits.ts';
import { serve, settings } from '../serve.ts';

/* Appends product views as the collector would. */

const BATCH = 1000;
const { brokers } = settings<{ brokers: string[] }>();
const writer = await LogWriter.connect({ brokers, service: 'collector' });
let next = 0;

serve(async ({ count }: { count: number }) => {
  const began = performance.now();
  const end = next + count;
  // Two at a time: while one is on its way, the next is being made.
  let sent = Promise.resolve();
  while (next < end) {
    const events = views(next, Math.min(BATCH, end - next));
    next += events.length;
    await sent;
    sent = writer.append(events);
  }
  await sent;
  return { perSecond: count / ((performance.now() - began) / 1000) };
});
