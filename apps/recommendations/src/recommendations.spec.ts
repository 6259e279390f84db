import type { DataOf, NewEvent } from '#contracts/contract';
import { RecommendationsChanged } from '#contracts/recommendations';
import { CartCheckedOut, ProductViewed } from '#contracts/visitors';
import { expectGolden, historyOf, replay, seeded } from '#testing/golden';
import type { Timed } from '#testing/golden';
import { SCENARIO_START } from '#testing/scenario';
import { coViews } from './co-views.ts';
import { ranking } from './ranking.ts';

const DAY = 24 * 3_600_000;
const PRODUCTS = 40;
const skus = Array.from({ length: PRODUCTS }, (_, i) => `SKU-${10 + i}`);

interface Session {
  visitorId: string;
  at: number;
  viewed: string[];
  bought: string[];
}
type Partner = (index: number) => number;

/** Before day 8 neighbours go together: 0 and 1, 2 and 3 …; from then on 0 and 21, 1 and 20 …. */
const firstPartner: Partner = (index) => index ^ 1;
const laterPartner: Partner = (index) => (PRODUCTS + 21 - index) % PRODUCTS;

/**
 * Shoppers who look around by popularity, and half of the time at what goes with the last one. A
 * day's sessions come in a rush, so that a ranking is told for many of them at once.
 */
function sessions(seed: number, days: number, aDay: number, partner: (at: number) => Partner) {
  const random = seeded(seed);
  const made: Session[] = [];
  for (let i = 0; i < days * aDay; i += 1) {
    const at = SCENARIO_START + Math.floor(i / aDay) * DAY + (i % aDay) * 200;
    const indexes: number[] = [popular(random)];
    const length = 2 + Math.floor(random() * 4);
    while (indexes.length < length) {
      const goesWith = partner(at)(indexes.at(-1)!);
      indexes.push(random() < 0.5 ? goesWith : popular(random));
    }
    const viewed = indexes.map((index) => skus[index]!);
    const bought = random() < 0.1 ? [...new Set(viewed.slice(0, 2))] : [];
    made.push({ visitorId: `visitor-${seed}-${i}`, at, viewed, bought });
  }
  return made;
}

/** Popularity falls with rank, as 1 / √rank. */
const heaviness = skus.map((_, i) => (i + 1) ** -0.5);
const total = heaviness.reduce((sum, weight) => sum + weight, 0);
function popular(random: () => number): number {
  let left = random() * total;
  const index = heaviness.findIndex((weight) => (left -= weight) < 0);
  return index === -1 ? 0 : index;
}

function eventsOf({ visitorId, at, viewed, bought }: Session): Timed[] {
  const views = viewed.map((sku, i) => {
    const hit = { sessionId: 's', tab: 'tab', hit: i + 1, site: 'shop', url: '/' };
    return { event: ProductViewed({ ...hit, visitorId, sku }) as NewEvent, at: at + i * 15_000 };
  });
  if (bought.length === 0) return views;
  const money = { cents: 1000, currency: 'EUR' as const };
  const order = CartCheckedOut({ visitorId, orderId: 'order-0001', skus: bought, total: money });
  return [...views, { event: order, at: at + viewed.length * 15_000 }];
}

function history(of: Session[]): Timed[] {
  return of.flatMap(eventsOf).toSorted((a, b) => a.at - b.at);
}

type Told = DataOf<typeof RecommendationsChanged>;

/** All that both processors, one after the other, say of the products over these sessions. */
function learn(from: Session[]): Timed[] {
  const affinities = historyOf(replay(coViews, history(from), 5000).outputs);
  return historyOf(replay(ranking, affinities, 5000).outputs);
}

/** What was last said of each product before a moment. */
function lastTold(told: Timed[], before = Infinity): Map<string, Told> {
  const until = told.filter(({ at }) => at < before);
  return new Map(until.map(({ event }) => [event.key!, event.data as Told]));
}

/** Share of the steps from one product to the next for which three suggestions hold the next. */
function hitRateAt3(held: Session[], suggest: (sku: string) => string[]): number {
  const steps = held.flatMap(({ viewed }) =>
    viewed.slice(1).map((next, i) => ({ from: viewed[i]!, next })),
  );
  const moves = steps.filter(({ from, next }) => from !== next);
  const hits = moves.filter(({ from, next }) => suggest(from).slice(0, 3).includes(next));
  return hits.length / moves.length;
}

describe('recommendations learned from seeded sessions', () => {
  const learned = lastTold(learn(sessions(1, 1, 400, () => firstPartner)));
  const held = sessions(2, 1, 400, () => firstPartner);
  const suggest = (sku: string) => learned.get(sku)?.ranked.map((other) => other.sku) ?? [];
  const mostPopular = [...learned.values()]
    .toSorted((a, b) => b.popularity - a.popularity)
    .map(({ sku }) => sku);

  it('hit at least twice as often as the most popular products', () => {
    const byPopularity = hitRateAt3(held, (sku) => mostPopular.filter((other) => other !== sku));
    expect(byPopularity).toBeGreaterThan(0.05); // Or there would be nothing to beat.
    expect(hitRateAt3(held, suggest)).toBeGreaterThanOrEqual(2 * byPopularity);
  });

  it('lead with the planted partner', () => {
    const leading = skus.filter((sku, i) => suggest(sku)[0] === skus[firstPartner(i)]);
    expect(leading.length / PRODUCTS).toBeGreaterThan(0.9);
  });
});

describe('when other products go together from day 8', () => {
  const change = SCENARIO_START + 7 * DAY; // Day 8 begins.
  const partner = (at: number) => (at < change ? firstPartner : laterPartner);
  const told = learn(sessions(3, 9, 180, partner)); // To the end of day 9.

  /** Share of the products whose first suggestion is the partner, at the beginning of a day. */
  function leadingOn(day: number, leader: Partner): number {
    const known = lastTold(told, SCENARIO_START + (day - 1) * DAY);
    const leading = skus.filter((sku, i) => known.get(sku)?.ranked[0]?.sku === skus[leader(i)]);
    return leading.length / PRODUCTS;
  }

  it('the old pairs lead on day 8, the new ones on day 10', () => {
    expect(leadingOn(8, firstPartner)).toBeGreaterThan(0.9);
    expect(leadingOn(10, laterPartner)).toBeGreaterThan(0.9);
  });
});

describe('the golden history', () => {
  const visitors = history(sessions(4, 2, 60, () => firstPartner));

  it('gives the committed result for co-views', () => {
    expectGolden(coViews, visitors, {
      version: 1,
      digest: 'c0d3dd4deec4c3a580ac6c684b5828a2acd8f94d030fb0362595b25ef968f9ef',
    });
  });

  it('gives the committed result for the ranking', () => {
    const affinities = historyOf(replay(coViews, visitors).outputs);
    expectGolden(ranking, affinities, {
      version: 1,
      digest: '4f271cf7969df6946bdbcf9e46f94b7d2e4d293fdcea43d098dc9e5fe268dea5',
    });
  });
});
