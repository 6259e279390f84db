import { idleSecondsToThreshold, scoreOf } from './model.ts';
import type { Features, Model } from './model.ts';

const model: Model = {
  model: 'test',
  intercept: -2,
  coefficients: { idleSeconds: 0.13, exitIntent: 3, itemsInCart: -0.05, shoeSize: 9 },
  threshold: 0.6,
  offer: { percent: 10, validForMs: 60_000 },
};
const features: Features = {
  itemsInCart: 2,
  cartValue: 40,
  productViews: 3,
  idleSeconds: 0,
  cartReturns: 0,
  exitIntent: 0,
  checkoutStarted: 0,
};

describe('the score', () => {
  it('is the logistic function of the weighed features, to 4 digits', () => {
    // 1 / (1 + exp(-(-2 + 3 - 0.1))) = 0.71094950…
    expect(scoreOf(model, { ...features, exitIntent: 1 })).toBe(0.7109);
  });
});

describe('the idle seconds to the threshold', () => {
  it('are the first at which the score reaches it', () => {
    const seconds = idleSecondsToThreshold(model, features, 120)!;
    expect(scoreOf(model, { ...features, idleSeconds: seconds })).toBeGreaterThanOrEqual(0.6);
    expect(scoreOf(model, { ...features, idleSeconds: seconds - 1 })).toBeLessThan(0.6);
  });

  it('are none beyond the cap', () => {
    expect(idleSecondsToThreshold(model, features, 10)).toBeNull();
  });

  it.each([0, -1])('are none when standing still does not count for leaving (%p)', (slope) => {
    const patient = { ...model, coefficients: { idleSeconds: slope } };
    expect(idleSecondsToThreshold(patient, features, 120)).toBeNull();
  });
});
