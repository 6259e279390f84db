import { z } from 'zod';
import { ItemRemovedFromCart } from '#contracts/visitors';
import { abandonmentBy } from './abandonment.ts';
import type { Features, Model } from './model.ts';
import { beginVisit, featuresOf, follow, Visit } from './visit.ts';
import type { VisitEvent } from './visit.ts';

/** A pause longer than this is no reading pace, seconds. */
const LONGEST_PAUSE_S = 60;
const MOST_REMOVALS = 5;

/** What a visit shows beside what the first release looks at. */
const VisitWithPace = Visit.extend({
  /** Pieces were taken out of the cart so many times. */
  removals: z.int().min(0),
  actions: z.int().min(0),
  /** Whole seconds between the actions of this visit, all of them together. */
  paused: z.int().min(0),
  /** Decided in this visit, whatever was on the log already. */
  judged: z.boolean(),
});
type VisitWithPace = z.output<typeof VisitWithPace>;

/** What the two features weigh in the model that is in force. Log-odds: a piece, a second. */
const WEIGHTS = { removals: 0.6, pace: -0.02 };
/** It takes so much less to be offered something: an offer is of no use to who has gone. */
const SOONER = 0.2;
const LOWEST_THRESHOLD = 0.05;

/**
 * The second release offers sooner, and looks at two more things: who takes things out of the cart
 * is closer to leaving, and who reads slowly is not hesitating yet. It decides once in every visit,
 * also when the visit has been answered: so both can be compared while either is in force.
 */
export const abandonmentV2 = abandonmentBy<VisitWithPace>({
  release: 'v2',
  name: 'feedback.abandonment.v2',
  visit: VisitWithPace,
  // Fifty times as fast as a spread with fields that are new, which each new visitor would pay.
  begin: (at) =>
    Object.assign(beginVisit(at), { removals: 0, actions: 0, paused: 0, judged: false }),
  follow: followPace,
  featuresOf: featuresWithPace,
  modelOf: (promoted: Model) => ({
    ...promoted,
    model: `${promoted.model.slice(0, 56)}, v2`,
    coefficients: { ...promoted.coefficients, ...WEIGHTS },
    threshold: Math.max(promoted.threshold - SOONER, LOWEST_THRESHOLD),
  }),
  isAnswered: ({ judged }) => judged,
  answered: (visit) => ({ ...visit, judged: true }),
});

function followPace(before: VisitWithPace, event: VisitEvent): VisitWithPace {
  const visit = follow(before, event);
  const isRemoval = event.type === ItemRemovedFromCart.type;
  const removals = Math.min(before.removals + Number(isRemoval), MOST_REMOVALS);
  const pauseMs = visit.lastActionAt - before.lastActionAt;
  if (pauseMs <= 0) return { ...visit, removals };
  const seconds = Math.min(Math.floor(pauseMs / 1000), LONGEST_PAUSE_S);
  const [actions, paused] = [before.actions + 1, before.paused + seconds];
  return { ...visit, removals, actions, paused };
}

function featuresWithPace(visit: VisitWithPace, at: number): Features {
  const { removals, actions, paused } = visit;
  const pace = actions === 0 ? 0 : Math.round(paused / actions);
  return { ...featuresOf(visit, at), removals, pace };
}
