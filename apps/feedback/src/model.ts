import type { DataOf } from '#contracts/contract';
import { ModelPromoted } from '#contracts/visitors';

/** The model in force: logistic regression, as ModelPromoted carries it. */
export const Model = ModelPromoted.schema;
export type Model = DataOf<typeof ModelPromoted>;

/** The names a model may give coefficients to; any other counts nothing. */
export type FeatureName =
  | 'itemsInCart'
  | 'cartValue'
  | 'productViews'
  | 'idleSeconds'
  | 'cartReturns'
  | 'exitIntent'
  | 'checkoutStarted';
/** These, and whatever else a release looks at. */
export type Features = Readonly<Record<FeatureName, number> & Record<string, number>>;

/** Probability that the cart is left behind, rounded to 4 digits. */
export function scoreOf(model: Model, features: Features): number {
  return probability(logit(model, features));
}

/**
 * How many idle seconds alone would carry the score over the threshold, if nothing else changes:
 * more than now and at most `cap`; null when none would.
 */
export function idleSecondsToThreshold(
  model: Model,
  features: Features,
  cap: number,
): number | null {
  const slope = model.coefficients.idleSeconds ?? 0;
  const atRest = logit(model, { ...features, idleSeconds: 0 });
  // Tried second by second, as the rounding of a score makes the closed form miss by one.
  for (let seconds = features.idleSeconds + 1; seconds <= cap; seconds += 1) {
    if (probability(atRest + slope * seconds) >= model.threshold) return seconds;
  }
  return null;
}

function logit(model: Model, features: Features): number {
  let sum = model.intercept;
  for (const [name, value] of Object.entries(features)) {
    sum += (model.coefficients[name] ?? 0) * value;
  }
  return sum;
}

function probability(logit: number): number {
  return Math.round(1e4 / (1 + Math.exp(-logit))) / 1e4;
}
