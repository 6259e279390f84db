import type { DataOf } from '#contracts/contract';
import {
  BoughtTogether,
  ProductSeen,
  RecommendationsChanged,
  SeenTogether,
} from '#contracts/recommendations';
import { scenario } from '#testing/scenario';
import type { Scenario } from '#testing/scenario';
import { HALF_LIFE_MS } from './counts.ts';
import { ranking } from './ranking.ts';

const sku = 'TENT';
const seenWith = (other: string) => SeenTogether({ sku, other });
const boughtWith = (other: string) => BoughtTogether({ sku, other });

type Told = DataOf<typeof RecommendationsChanged>;

function lastTold(told: Scenario<unknown>): Told {
  return told.appended().at(-1)!.data as Told;
}

describe('the ranking of a product', () => {
  it('is told whole: what goes with it, why, how often, and how popular it is', () => {
    scenario(ranking)
      .when(ProductSeen({ sku }), ProductSeen({ sku }), ProductSeen({ sku }))
      .when(seenWith('STOVE'), seenWith('STOVE'), seenWith('LAMP'), boughtWith('MAT'))
      .after(2000)
      .expect(
        RecommendationsChanged({
          sku,
          version: 'v1',
          popularity: 3,
          ranked: [
            { sku: 'MAT', reason: 'bought together', count: 1, score: 1 },
            { sku: 'STOVE', reason: 'seen together', count: 2, score: 0.5 },
            { sku: 'LAMP', reason: 'seen together', count: 1, score: 0.25 },
          ],
        }),
      );
  });

  it('is told once in 2 s, however much happens', () => {
    const told = scenario(ranking);
    for (let i = 0; i < 40; i += 1) told.when(seenWith('STOVE')).after(100);
    expect(told.appended()).toHaveLength(2);
  });

  it('names twelve at most, in one order when equal', () => {
    const others = Array.from({ length: 20 }, (_, i) => `SKU-${10 + i}`);
    const { ranked } = lastTold(
      scenario(ranking)
        .when(...others.toReversed().map(seenWith))
        .after(2000),
    );
    expect(ranked.map((other) => other.sku)).toEqual(others.slice(0, 12));
  });

  it('remembers fifty others, and lets a new one in for the weakest', () => {
    const others = Array.from({ length: 50 }, (_, i) => `SKU-${10 + i}`);
    const strong = others.filter((other) => other !== 'SKU-33');
    const state = scenario(ranking)
      .when(...others.map(seenWith), ...strong.map(seenWith), seenWith('NEW'))
      .state(sku)!;
    expect(state.others.map((other) => other.sku)).toEqual([...strong, 'NEW']);
  });
});

describe('decay', () => {
  it('halves what was counted a half-life ago', () => {
    const told = scenario(ranking)
      .when(ProductSeen({ sku }), ...Array.from({ length: 8 }, () => seenWith('STOVE')))
      .after(HALF_LIFE_MS)
      .when(ProductSeen({ sku }), ...Array.from({ length: 5 }, () => seenWith('LAMP')))
      .after(2000);
    const { ranked, popularity } = lastTold(told);
    expect(popularity).toBe(1.5);
    expect(ranked.map((other) => [other.sku, other.count])).toEqual([
      ['LAMP', 5],
      ['STOVE', 4],
    ]);
  });

  it('is the same across a move of the landmark', () => {
    const told = scenario(ranking).given(
      ProductSeen({ sku }),
      ...Array.from({ length: 64 }, () => seenWith('STOVE')),
    );
    for (let day = 0; day < 21; day += 1) told.after(HALF_LIFE_MS).when(seenWith('STOVE'));
    // 1 + 1/2 + 1/4 + …, and nothing visible is left of the 64.
    expect(lastTold(told.after(2000)).ranked[0]).toMatchObject({ count: 2 });
    expect(told.state(sku)!.others[0]!.seen).toBeLessThan(5);
  });

  it('is told while nothing happens, until the product is forgotten', () => {
    const told = scenario(ranking).when(ProductSeen({ sku }), seenWith('STOVE'));
    told.after(2000 + HALF_LIFE_MS);
    expect(lastTold(told).popularity).toBe(0.5);
    told.after(4 * HALF_LIFE_MS);
    expect(lastTold(told)).toEqual({ sku, ranked: [], popularity: 0.04, version: 'v1' });
    told.expectState(sku, null);
  });
});
