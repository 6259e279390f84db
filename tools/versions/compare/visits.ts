/** What a visitor did, as far as a comparison asks. */
export interface Act {
  visitorId: string;
  type: string;
  /** Log time, ms. */
  at: number;
  skus: readonly string[];
}

/** A visit ends when the visitor has been silent for so long. */
export const VISIT_MS = 30 * 60_000;

/** The acts of each visit, in the order of the log. */
export function visitsOf<A extends Act>(acts: readonly A[]): A[][] {
  const current = new Map<string, A[]>();
  const visits: A[][] = [];
  for (const act of acts.toSorted((a, b) => a.at - b.at)) {
    const visit = current.get(act.visitorId);
    if (visit && act.at - visit.at(-1)!.at < VISIT_MS) {
      visit.push(act);
      continue;
    }
    const begun = [act];
    visits.push(begun);
    current.set(act.visitorId, begun);
  }
  return visits;
}
