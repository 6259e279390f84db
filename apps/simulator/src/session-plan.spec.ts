import { gapBefore, planSession } from './session-plan.ts';
import type { SessionPlan, Step } from './session-plan.ts';
import { tasteOf } from './tastes.ts';
import type { Taste } from './tastes.ts';

const tastes: Taste[] = Array.from({ length: 20 }, (_, group) =>
  Array.from({ length: 6 }, (_, index) => ({
    sku: `TEST-${group}-${index}`,
    name: `Lantern ${group}`,
  })),
);

function plans(count: number, seed = 'spec'): SessionPlan[] {
  return Array.from({ length: count }, (_, n) => planSession(seed, n, tastes));
}

function skus(plan: SessionPlan, what: Step['do']): string[] {
  return plan.steps.flatMap((step) => (step.do === what && 'sku' in step ? [step.sku] : []));
}

function does(plan: SessionPlan, what: Step['do']): boolean {
  return plan.steps.some((step) => step.do === what);
}

const thousand = plans(1_000);
const of = (intention: SessionPlan['intention']) =>
  thousand.filter((plan) => plan.intention === intention);

describe('the plan of a session', () => {
  it('is the same for the same seed and number, in whatever order one asks', () => {
    expect(planSession('spec', 777, tastes)).toEqual(thousand[777]);
    expect(plans(50)).toEqual(thousand.slice(0, 50));
  });

  it('is another for another seed', () => {
    expect(plans(50, 'other')).not.toEqual(thousand.slice(0, 50));
  });

  it('knows every intention, and few bots', () => {
    expect(of('buyer').length).toBeGreaterThan(200);
    expect(of('hesitant').length).toBeGreaterThan(200);
    expect(of('window-shopper').length).toBeGreaterThan(150);
    expect(of('bot').length).toBeGreaterThan(10);
    expect(of('bot').length).toBeLessThan(80);
  });

  it('lets every buyer order and no window-shopper or bot', () => {
    expect(of('buyer').filter((plan) => !does(plan, 'order'))).toEqual([]);
    const lookers = [...of('window-shopper'), ...of('bot')];
    expect(lookers.filter((plan) => does(plan, 'order') || does(plan, 'add'))).toEqual([]);
  });

  it('makes the hesitant fill a cart and then mostly turn to leave, seldom order', () => {
    const hesitant = of('hesitant');
    expect(hesitant.filter((plan) => !does(plan, 'add'))).toEqual([]);
    const ordering = hesitant.filter((plan) => does(plan, 'order')).length / hesitant.length;
    expect(ordering).toBeGreaterThan(0.2);
    expect(ordering).toBeLessThan(0.4);
    expect(hesitant.filter((plan) => does(plan, 'order') === does(plan, 'turn to leave'))).toEqual(
      [],
    );
  });

  it('lets people add only what they have looked at', () => {
    const blind = thousand.filter((plan) => {
      const seen = new Set(skus(plan, 'look'));
      return skus(plan, 'add').some((sku) => !seen.has(sku));
    });
    expect(blind).toEqual([]);
  });

  it('brings a quarter back, as a person who was there at least 30 sessions ago', () => {
    const returning = thousand.filter((plan) => plan.returning);
    expect(returning.length).toBeGreaterThan(150);
    expect(returning.length).toBeLessThan(300);
    expect(
      returning.filter((plan) => {
        const last = thousand.findLastIndex(
          ({ visitor }, n) => visitor === plan.visitor && n <= thousand.indexOf(plan) - 30,
        );
        return last < 0;
      }),
    ).toEqual([]);
  });

  it('gives people think-time, and bots none', () => {
    const pace = (some: SessionPlan[]) =>
      some.flatMap((plan) => skus(plan, 'look').length).reduce((sum, looks) => sum + looks, 0) /
      some.flatMap((plan) => plan.steps).reduce((sum, { afterMs }) => sum + afterMs / 1000, 0);
    expect(pace(of('bot'))).toBeGreaterThan(1);
    expect(pace(of('window-shopper'))).toBeLessThan(0.25);
  });

  it('plants tastes: most looks of a person are at what they like', () => {
    const looks = thousand
      .filter(({ intention }) => intention !== 'bot')
      .flatMap((plan) => {
        const liked = new Set(tasteOf('spec', plan.visitor, tastes).map(({ sku }) => sku));
        return skus(plan, 'look').map((sku) => liked.has(sku));
      });
    const share = looks.filter(Boolean).length / looks.length;
    expect(share).toBeGreaterThan(0.8);
    expect(share).toBeLessThan(0.95);
  });

  it('searches for words that a name has', () => {
    const queries = thousand.flatMap(({ steps }) =>
      steps.flatMap((step) => (step.do === 'search' ? [step.query] : [])),
    );
    expect(new Set(queries)).toEqual(new Set(['lantern']));
  });

  it('brings sessions one apart on average', () => {
    const gaps = thousand.map((_, n) => gapBefore('spec', n));
    const mean = gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length;
    expect(mean).toBeGreaterThan(0.9);
    expect(mean).toBeLessThan(1.1);
  });
});
