import { compareFeedback } from './feedback.ts';
import { compareRecommendations } from './recommendations.ts';
import type { Told } from './recommendations.ts';
import { comparisonTable } from './table.ts';
import type { Row } from './table.ts';
import type { Act } from './visits.ts';

const minute = 60_000;
let visitors = 0;

/** A visit of somebody new; each act a second after the other. */
function visit(at: number, ...acts: [type: string, ...skus: string[]][]): Act[] {
  visitors += 1;
  const visitorId = `visitor-${visitors}`;
  return acts.map(([type, ...skus], i) => ({ visitorId, type, skus, at: at + i * 1000 }));
}
const view = (sku: string): [string, string] => ['ProductViewed', sku];

const of = (rows: readonly Row[], figure: string) => rows.find((row) => row.figure === figure)!;
const values = (row: Row) => row.of.map(({ value }) => value);

describe('two versions of the recommendations', () => {
  const said = (at: number, sku: string, ...others: string[]): Told => ({ at, sku, others });

  it('are judged by what they had said before, never by what they learned later', () => {
    const acts = [
      ...visit(10 * minute, view('A'), view('B')),
      ...visit(20 * minute, view('A'), view('B')),
    ];
    const first = [said(0, 'A', 'B')];
    const second = [said(1, 'A', 'C'), said(15 * minute, 'A', 'B')];
    const row = of(compareRecommendations(acts, [first, second]), 'looked at next');
    expect(values(row)).toEqual([1, 0.5]);
    expect(row.difference).toMatchObject({ n: 2, value: -0.5 });
  });

  it('are judged over the same time: from when both had said something', () => {
    const acts = [
      ...visit(minute, view('A'), view('B')),
      ...visit(9 * minute, view('A'), view('B')),
    ];
    const rows = compareRecommendations(acts, [[said(0, 'A', 'B')], [said(5 * minute, 'A', 'C')]]);
    expect(of(rows, 'looked at next').of.map(({ n }) => n)).toEqual([1, 1]);
  });

  it('are judged by what was bought in the end', () => {
    const acts = visit(minute, view('A'), view('B'), view('C'), ['CartCheckedOut', 'B', 'C']);
    const rows = compareRecommendations(acts, [[said(0, 'A', 'B')], [said(0, 'B', 'C')]]);
    expect(values(of(rows, 'bought next'))).toEqual([0.5, 0.5]);
  });

  it('count no step to what was looked at before, and none over the end of a visit', () => {
    const acts = visit(minute, view('A'), view('B'), view('A'));
    const later = { ...acts[0]!, skus: ['C'], at: 2 * 60 * minute };
    const rows = compareRecommendations([...acts, later], [[said(0, 'A')], [said(0, 'A')]]);
    expect(of(rows, 'looked at next').of[0]!.n).toBe(1);
  });

  it('have coverage, age and overlap', () => {
    const acts = visit(minute, view('A'), view('B'));
    const rows = compareRecommendations(acts, [
      [said(0, 'A', 'B', 'C'), said(0, 'B', 'A')],
      [said(30_000, 'A', 'B', 'D')],
    ]);
    expect(values(of(rows, 'products with suggestions'))).toEqual([1, 0.5]);
    expect(values(of(rows, 'age of what was shown'))).toEqual([60, 30]);
    expect(of(rows, 'same among the first 6').between).toMatchObject({ n: 1, value: 1 / 3 });
  });
});

describe('two versions of the feedback', () => {
  const added: [string, string] = ['ItemAddedToCart', 'A'];
  const now = 3 * 60 * minute;
  const found = (acts: Act[], afterMs: number) => ({
    visitorId: acts[0]!.visitorId,
    at: acts[0]!.at + afterMs,
  });

  it('differ in whom they offer something, and when', () => {
    const left = visit(0, added, view('B'), view('C'));
    const ordered = visit(0, added, ['CartCheckedOut', 'A']);
    const rows = compareFeedback(
      [...left, ...ordered],
      [[found(left, 5000)], [found(left, 500), found(ordered, 500)]],
      now,
    );
    expect(values(of(rows, 'visits offered something'))).toEqual([0.5, 1]);
    expect(values(of(rows, 'of those who ordered'))).toEqual([0, 1]);
    expect(values(of(rows, 'left, offered while there'))).toEqual([0, 1]);
    expect(values(of(rows, 'before their last act'))).toEqual([null, 1.5]);
    expect(of(rows, 'visits decided alike').between).toMatchObject({ n: 2, value: 0.5 });
  });

  it('count visits that are over, with something in the cart', () => {
    const acts = [...visit(now - minute, added), ...visit(0, view('A'))];
    const rows = compareFeedback(acts, [[], []], now);
    expect(of(rows, 'visits offered something').of[0]!.n).toBe(0);
  });
});

it('shows value, interval and n, and says when nothing was seen', () => {
  const rows = compareFeedback(visit(0, ['ItemAddedToCart', 'A']), [[], []], 60 * minute);
  const lines = comparisonTable(['v1', 'v2'], rows).split('\n');
  expect(lines[1]).toMatch(/visits offered something +0\.0 % \(0\.0 to 79\.3\), n 1/);
  expect(lines.at(-2)).toMatch(/before their last act +nothing seen yet +nothing seen yet/);
});
