import { parentPort, workerData } from 'node:worker_threads';
import { firstTopics } from '#log/topics';
import { LogImport } from '#log/import';
import type { PastRecord } from '#log/import';
import { Aftermath, halves } from './aftermath.ts';
import { Databases } from './databases.ts';
import type { Target } from './write-history.ts';

/*
 * Beside the thread in which the past happens: what follows from it for the recommendations and the views,
 * and the way onto the log.
 */

/** What it is told: records, or that there are no more. */
export type Told = { records: PastRecord[] } | 'open' | 'close';
/** What it answers to each. */
export type Answered = { events: number; cluster: string } | { failed: string };

const { brokers, security, urls } = workerData as Target;
const aftermath = new Aftermath(halves[1]);
let log: LogImport;
let events = 0;
let working: Promise<unknown> = Promise.resolve();
let sending: Promise<void> = Promise.resolve();

async function work(told: Told): Promise<void> {
  if (told === 'open') {
    log = await LogImport.open(
      brokers,
      firstTopics().map(({ name }) => name),
      security,
    );
  } else if (told === 'close') {
    await sending;
    await log.close();
    const databases = await Databases.open(urls);
    await databases.setStates(aftermath.readers, log.cluster);
    await databases.close();
  } else {
    const records = [...told.records, ...aftermath.follow(told.records)];
    await sending; // One stretch is on its way while the next is thought through.
    sending = log.send(records);
    sending.catch(() => undefined); // Thrown by whoever waits for it.
    events += records.length;
  }
}

parentPort!.on('message', (told: Told) => {
  working = working
    .then(() => work(told))
    .then(
      () => parentPort!.postMessage({ events, cluster: log.cluster } satisfies Answered),
      (error: Error) => parentPort!.postMessage({ failed: error.message } satisfies Answered),
    );
});
