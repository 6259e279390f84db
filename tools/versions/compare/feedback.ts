import { median, share } from './interval.ts';
import type { Row } from './table.ts';
import { visitsOf, VISIT_MS } from './visits.ts';
import type { Act } from './visits.ts';

/** A release found that a visitor is about to leave. */
export interface Finding {
  visitorId: string;
  /** Log time of what it decided from, ms. */
  at: number;
}

/** Who has been silent for so long has left, for a comparison. */
const LEFT_MS = 5 * 60_000;

interface Visit {
  endsAt: number;
  ordered: boolean;
  /** When each release decided; null when it did not. */
  found: readonly (number | null)[];
}

/**
 * Compares two releases by the visits with something in the cart that are over at `now` (ms): how many they
 * would have offered something in, whether they agree, and how long before the visitor's last act.
 */
export function compareFeedback(
  acts: readonly Act[],
  findings: readonly [readonly Finding[], readonly Finding[]],
  now: number,
): Row[] {
  const byVisitor = findings.map(byVisitorOf);
  const visits = visitsOf(acts)
    .filter((visit) => visit.some(({ type }) => type === 'ItemAddedToCart'))
    .filter((visit) => visit.at(-1)!.at < now - LEFT_MS)
    .map((visit): Visit => {
      const [begun, last] = [visit[0]!, visit.at(-1)!];
      const found = byVisitor.map((those) => {
        const within = (those.get(begun.visitorId) ?? []).filter(
          ({ at }) => at >= begun.at && at < last.at + VISIT_MS,
        );
        return within.length > 0 ? Math.min(...within.map(({ at }) => at)) : null;
      });
      const ordered = visit.some(({ type }) => type === 'CartCheckedOut');
      return { endsAt: last.at, ordered, found };
    });
  const left = visits.filter(({ ordered }) => !ordered);
  const of = (figure: (release: 0 | 1) => ReturnType<typeof share>) => [figure(0), figure(1)];
  const inTime = (release: number) =>
    left.filter(({ found, endsAt }) => (found[release] ?? Infinity) < endsAt);
  const agreeing = visits.filter(({ found: [a, b] }) => (a === null) === (b === null));
  return [
    { figure: 'visits offered something', unit: '%', of: of((r) => offered(visits, r)) },
    { figure: 'of those who left', unit: '%', of: of((r) => offered(left, r)) },
    {
      figure: 'of those who ordered',
      unit: '%',
      of: of((r) =>
        offered(
          visits.filter(({ ordered }) => ordered),
          r,
        ),
      ),
    },
    {
      figure: 'left, offered while there',
      unit: '%',
      of: of((r) => share(inTime(r).length, left.length)),
    },
    {
      figure: 'before their last act',
      unit: 's',
      of: of((r) => median(inTime(r).map(({ found, endsAt }) => (endsAt - found[r]!) / 1000))),
    },
    {
      figure: 'visits decided alike',
      unit: '%',
      of: [],
      between: share(agreeing.length, visits.length),
    },
  ];
}

function byVisitorOf(findings: readonly Finding[]): Map<string, Finding[]> {
  const found = new Map<string, Finding[]>();
  for (const each of findings) {
    found.set(each.visitorId, [...(found.get(each.visitorId) ?? []), each]);
  }
  return found;
}

function offered(visits: readonly Visit[], release: number) {
  return share(visits.filter(({ found }) => found[release] !== null).length, visits.length);
}
