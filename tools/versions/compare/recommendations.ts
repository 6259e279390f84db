import { mean, median, pairedDifference, share } from './interval.ts';
import type { Row } from './table.ts';
import { visitsOf } from './visits.ts';
import type { Act } from './visits.ts';

/** What a release said of a product, from a moment on. */
export interface Told {
  /** Log time of what it was made from, ms. */
  at: number;
  sku: string;
  /** Best first. */
  others: readonly string[];
}

/** Suggestions that are looked at: as many as the product page shows first. */
export const LOOKED_AT = 6;

/** What one release knew at each moment: nothing that it learned later counts. */
class Memory {
  private readonly bySku = new Map<string, Told[]>();
  readonly since: number;

  constructor(told: readonly Told[]) {
    for (const each of told.toSorted((a, b) => a.at - b.at)) {
      const those = this.bySku.get(each.sku) ?? [];
      this.bySku.set(each.sku, those);
      those.push({ ...each, others: each.others.slice(0, LOOKED_AT) });
    }
    this.since = Math.min(...told.map(({ at }) => at));
  }

  /** What it had said last before that moment. */
  before(sku: string, at: number): Told | undefined {
    return this.bySku.get(sku)?.findLast((told) => told.at < at);
  }

  now(sku: string): readonly string[] {
    return this.bySku.get(sku)?.at(-1)?.others ?? [];
  }
}

/** From one product to the next that a visitor looked at, or to one that they bought in the end. */
interface Step {
  at: number;
  from: string;
  to: string;
  bought: boolean;
}

/** Compares two releases by what visitors did after they had, or would have, said something. */
export function compareRecommendations(
  acts: readonly Act[],
  told: readonly [readonly Told[], readonly Told[]],
): Row[] {
  const [first, second] = told.map((each) => new Memory(each)) as [Memory, Memory];
  const skus = [...new Set([...acts.flatMap((act) => act.skus), ...told.flat().map((t) => t.sku)])];
  const since = Math.max(first.since, second.since);
  const steps = visitsOf(acts)
    .flatMap(stepsOf)
    .filter(({ at }) => at > since);
  const both = [first, second] as const;
  const covered = both.map((memory) =>
    share(skus.filter((sku) => memory.now(sku).length > 0).length, skus.length),
  );
  const shared = skus.filter((sku) => first.now(sku).length > 0 && second.now(sku).length > 0);
  const overlap = mean(shared.map((sku) => jaccard(first.now(sku), second.now(sku))));
  const ages = both.map((memory) =>
    median(
      steps.flatMap(({ from, at }) => {
        const known = memory.before(from, at);
        return known ? [(at - known.at) / 1000] : [];
      }),
    ),
  );
  return [
    { figure: 'products with suggestions', unit: '%', of: covered },
    hitRate(
      'looked at next',
      steps.filter(({ bought }) => !bought),
      both,
    ),
    hitRate(
      'bought next',
      steps.filter(({ bought }) => bought),
      both,
    ),
    { figure: 'age of what was shown', unit: 's', of: ages },
    { figure: `same among the first ${LOOKED_AT}`, unit: '%', of: [], between: overlap },
  ];
}

function hitRate(
  figure: string,
  steps: readonly Step[],
  [first, second]: readonly [Memory, Memory],
): Row {
  const hits = (memory: Memory) =>
    steps.map(({ from, to, at }) => memory.before(from, at)?.others.includes(to) ?? false);
  const [a, b] = [hits(first), hits(second)];
  const count = (those: boolean[]) => those.filter(Boolean).length;
  const only = (one: boolean[], other: boolean[]) =>
    one.filter((hit, i) => hit && !other[i]).length;
  return {
    figure,
    unit: '%',
    of: [share(count(a), steps.length), share(count(b), steps.length)],
    difference: pairedDifference(only(a, b), only(b, a), steps.length),
  };
}

/** A product that was looked at before counts as no step: nobody has to suggest it. */
function stepsOf(visit: readonly Act[]): Step[] {
  const steps: Step[] = [];
  const cameFrom = new Map<string, { from: string; at: number }>();
  let last: { from: string; at: number } | null = null;
  const seen = new Set<string>();
  for (const { type, skus, at } of visit) {
    if (type === 'ProductViewed') {
      const [sku] = skus as [string];
      if (last && !seen.has(sku)) {
        steps.push({ ...last, to: sku, bought: false });
        cameFrom.set(sku, last);
      }
      seen.add(sku);
      last = { from: sku, at };
    } else if (type === 'CartCheckedOut') {
      for (const sku of skus) {
        const origin = cameFrom.get(sku);
        if (origin) steps.push({ ...origin, to: sku, bought: true });
      }
    }
  }
  return steps;
}

function jaccard(a: readonly string[], b: readonly string[]): number {
  const both = a.filter((each) => b.includes(each)).length;
  return both / (a.length + b.length - both);
}
