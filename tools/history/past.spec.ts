import { createHash } from 'node:crypto';
import { usualMix } from '../../apps/simulator/src/personas.ts';
import { Aftermath, halves } from './aftermath.ts';
import { VirtualCrowd } from './crowd.ts';
import { Retailer } from './retailer.ts';

const HOUR_MS = 60 * 60_000;
const from = Date.UTC(2026, 5, 1, 18);

/** The records of two hours. */
function past(seed: string) {
  const retailer = new Retailer({ seed, from, shopLanes: 'shop:spec' });
  const truths: object[] = [];
  const options = { seed, mix: usualMix, sessionsPerDay: 400 };
  new VirtualCrowd(retailer, { ...options, ended: (truth) => truths.push(truth) });
  const aftermaths = halves.map((half) => new Aftermath(half));
  const byPlace = new Map<string, string[]>();
  const keep = (happened: ReturnType<Retailer['pass']>) => {
    const records = [...happened];
    for (const each of aftermaths) records.push(...each.follow(records));
    for (const record of records) {
      const { topic, partition, timestamp, value } = record;
      const place = `${topic}-${partition}`;
      byPlace.set(place, [...(byPlace.get(place) ?? []), `${timestamp} ${value}`]);
    }
  };
  for (const hour of [1, 2]) keep(retailer.pass(from + hour * HOUR_MS));
  keep(retailer.finish());
  const lines = [...byPlace].toSorted(([a], [b]) => (a < b ? -1 : 1));
  const digest = createHash('sha256')
    .update(JSON.stringify([lines, truths]))
    .digest('hex');
  return { digest, truths, places: byPlace.size };
}

test('the same seed makes the same past; another makes another', () => {
  const first = past('spec');
  expect(first.truths.length).toBeGreaterThan(30);
  expect(first.places).toBeGreaterThan(30);
  expect(past('spec').digest).toBe(first.digest);
  expect(past('other').digest).not.toBe(first.digest);
});

test('nobody is still reading when it is finished', () => {
  const retailer = new Retailer({ seed: 'spec', from, shopLanes: 'shop:spec' });
  const options = { seed: 'spec', mix: usualMix, sessionsPerDay: 400 };
  new VirtualCrowd(retailer, { ...options, ended: () => {} });
  const records = [...retailer.pass(from + HOUR_MS), ...retailer.finish()];
  const ends = new Map<string, number>();
  for (const { topic, partition } of records) {
    ends.set(`${topic}-${partition}`, (ends.get(`${topic}-${partition}`) ?? 0) + 1);
  }
  for (const { processor, partition, progress } of retailer.readers) {
    const place = `${processor.topic.name}-${partition}`;
    expect([place, progress.offset]).toEqual([place, ends.get(place) ?? 0]);
  }
});
