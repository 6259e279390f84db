import type { NewEvent } from '#contracts/contract';
import { PopularityTold, v1, v2 } from '#contracts/recommendations';
import { expectGolden, historyOf, replay, seeded } from '#testing/golden';
import type { Timed } from '#testing/golden';
import { SCENARIO_START, scenario } from '#testing/scenario';
import { HALF_LIFE_MS } from './counts.ts';
import { ranking } from './ranking.ts';
import { SHRINKAGE, similarity } from './similarity.ts';

const { BoughtTogether, ProductSeen, SeenTogether } = v2;
const sku = 'TENT-1';

/** An event so many times, as it is for whoever sees it now. */
const times = (count: number, make: () => NewEvent) => Array.from({ length: count }, make);
const seenWith = (other: string) => () => SeenTogether({ sku, other });
const told = (other: string, views: number) => PopularityTold({ sku, other, views });
const seen = () => ProductSeen({ sku });

/** What is said of the product in the end. */
function rankedAfter(...events: NewEvent[]) {
  const [changed] = scenario(similarity)
    .given(...events)
    .after(2000)
    .appended()
    .filter(({ type }) => type === 'RecommendationsChanged');
  return (changed!.data as any).ranked as { sku: string; score: number; count: number }[];
}

describe('the similarity of two products', () => {
  it('is the shrunken cosine of their visits', () => {
    const ranked = rankedAfter(
      ...times(16, seen),
      ...times(8, seenWith('STOVE-1')),
      told('STOVE-1', 9),
    );
    const expected = (8 / Math.sqrt(16 * 9)) * (8 / (8 + SHRINKAGE));
    expect(ranked[0]!.score).toBeCloseTo(expected, 3);
  });

  it('puts what everybody looks at behind what goes together', () => {
    const ranked = rankedAfter(
      ...times(20, seen),
      ...times(10, seenWith('BOOK-1')),
      ...times(6, seenWith('STOVE-1')),
      told('BOOK-1', 400),
      told('STOVE-1', 9),
    );
    expect(ranked.map((each) => each.sku)).toEqual(['STOVE-1', 'BOOK-1']);
  });

  it('believes a single visit little', () => {
    const ranked = rankedAfter(
      ...times(20, seen),
      ...times(1, seenWith('RARE-1')),
      ...times(10, seenWith('STOVE-1')),
      told('RARE-1', 1),
      told('STOVE-1', 20),
    );
    expect(ranked.map((each) => each.sku)).toEqual(['STOVE-1', 'RARE-1']);
  });

  it('weighs what was bought together', () => {
    const bought = rankedAfter(seen(), BoughtTogether({ sku, other: 'STOVE-1' }));
    expect(bought[0]).toMatchObject({ sku: 'STOVE-1', reason: 'bought together', count: 1 });
  });

  it('is told how popular the other is, again only when that has grown', () => {
    const many = scenario(similarity).given(...times(4, seen));
    many
      .when(SeenTogether({ sku, other: 'STOVE-1' }))
      .expect(PopularityTold({ sku: 'STOVE-1', other: sku, views: 4 }));
    many.when(SeenTogether({ sku, other: 'STOVE-1' })).expect();
    many.given(seen(), seen()).when(SeenTogether({ sku, other: 'STOVE-1' }));
    many.expect(PopularityTold({ sku: 'STOVE-1', other: sku, views: 6 }));
  });

  it('counts what is read late as old as it is', () => {
    const old = SCENARIO_START - HALF_LIFE_MS;
    const ranked = rankedAfter(
      ...times(8, () => ProductSeen({ sku, at: old })),
      ...times(8, () => SeenTogether({ sku, other: 'STOVE-1', at: old })),
      told('STOVE-1', 4),
    );
    expect(ranked[0]).toMatchObject({ count: 4 });
  });
});

describe('beside a product that everybody looks at', () => {
  /** Pairs 0-1, 2-3 … go together; in nine of ten visits the bestseller is looked at as well. */
  const skus = Array.from({ length: 20 }, (_, i) => `SKU-${10 + i}`);
  const bestseller = 'BEST-1';
  const random = seeded(3);
  const visits = Array.from({ length: 400 }, () => {
    const one = Math.floor(random() * skus.length);
    const pair = random() < 0.6 ? [skus[one]!, skus[one ^ 1]!] : [skus[one]!];
    return random() < 0.9 ? [bestseller, ...pair] : pair;
  });
  const eventsOf = ({ ProductSeen: one, SeenTogether: two }: typeof v1): Timed[] =>
    visits.flatMap((viewed, i) => {
      const at = SCENARIO_START + i * 60_000;
      const pairs = viewed.flatMap((a) => viewed.filter((b) => b !== a).map((b) => [a, b]));
      const events = [
        ...viewed.map((each) => one({ sku: each })),
        ...pairs.map(([a, b]) => two({ sku: a!, other: b! })),
      ];
      return events.map((event) => ({ event: event as NewEvent, at }));
    });

  /** The share of the pairs that are suggested first. */
  function leading(outputs: Timed[]): number {
    const last = new Map(
      outputs
        .filter(({ event }) => event.type === 'RecommendationsChanged')
        .map(({ event }) => [event.key, (event.data as any).ranked[0]?.sku]),
    );
    return skus.filter((each, i) => last.get(each) === skus[i ^ 1]).length / skus.length;
  }

  it('suggests what goes with a product, where the first release suggests the bestseller', () => {
    const first = leading(historyOf(replay(ranking, eventsOf(v1)).outputs));
    const second = leading(toldToItself(eventsOf(v2)));
    expect(second).toBeGreaterThan(0.9);
    expect(second).toBeGreaterThan(first + 0.3);
  });

  it('gives the committed result for this history', () => {
    expectGolden(similarity, withTold(eventsOf(v2)), {
      version: 1,
      digest: '67c0a91eb4631bdf8fb08f1876ab4e9ede607b754ee8b968ee3c438a80dc3e78',
    });
  });

  /** What it tells products about each other it reads again: on the log right after its cause. */
  function withTold(history: Timed[]): Timed[] {
    const { outputs } = replay(similarity, history);
    const told = historyOf(outputs).filter(({ event }) => event.type === PopularityTold.type);
    return [...history, ...told].toSorted((a, b) => a.at - b.at);
  }
  const toldToItself = (history: Timed[]) =>
    historyOf(replay(similarity, withTold(history)).outputs);
});
