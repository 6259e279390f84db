import { abandonmentBy } from './abandonment.ts';
import type { Recipe } from './abandonment.ts';
import { beginVisit, featuresOf, follow, Visit } from './visit.ts';

/**
 * The first release. One offer a visit, and what counts is the offer on the log: it is noted when
 * CouponOffered is read back, not when it is asked for. Between the two moments other events of the
 * visitor may be read, as they were appended first: `asked` keeps them from asking again.
 */
export const recipe: Recipe<Visit> = {
  release: 'v1',
  name: 'feedback.abandonment',
  visit: Visit,
  begin: beginVisit,
  follow,
  featuresOf,
  modelOf: (promoted) => promoted,
  isAnswered: ({ asked, offer, withheld }) => asked || offer !== null || withheld,
  answered: (visit) => ({ ...visit, asked: true }),
};

export const abandonment = abandonmentBy(recipe);
