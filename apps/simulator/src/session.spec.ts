import { jest } from '@jest/globals';
import type { Offer } from './browser.ts';
import type { SessionPlan } from './session-plan.ts';
import { walk } from './session.ts';

const customer = { name: 'Ada Brook', email: 'ada@example.com', address: '1 Towpath' };
const offer: Offer = { code: 'STAY-10', status: 'offered' };

function plan(reaction: SessionPlan['onOffer']['reaction']): SessionPlan {
  return {
    visitor: 1,
    returning: false,
    intention: 'hesitant',
    optedOut: false,
    onOffer: { reaction, afterMs: 2_000 },
    steps: [
      { do: 'look', sku: 'MUG-1', afterMs: 1_000 },
      { do: 'add', sku: 'MUG-1', afterMs: 1_000 },
      { do: 'view cart', afterMs: 1_000 },
      { do: 'turn to leave', afterMs: 30_000 },
      { do: 'leave', afterMs: 5_000 },
    ],
  };
}

/** A browser that notes what is done with it; the coupon comes up during the nth wait. */
function browser({ offerAtWait = 0, available = 5, ordered = true } = {}) {
  const done: string[] = [];
  let waits = 0;
  const note =
    <T>(what: string, answer: T) =>
    (...details: unknown[]) => {
      done.push([what, ...details.filter((detail) => typeof detail === 'string')].join(' '));
      return answer;
    };
  return {
    done,
    closed: false,
    offerWithin: jest.fn(async (_ms: number) => (++waits === offerAtWait ? offer : null)),
    search: note('search', Promise.resolve()),
    look: note('look', Promise.resolve(available)),
    add: note('add', Promise.resolve()),
    remove: note('remove', Promise.resolve()),
    viewCart: note('view cart', undefined),
    startCheckout: note('start checkout', undefined),
    turnToLeave: note('turn to leave', undefined),
    dismiss: note('dismiss', undefined),
    take: note('take', Promise.resolve()),
    order: note('order', Promise.resolve(ordered)),
  };
}

describe('a session', () => {
  it('does what is planned, with the planned pauses', async () => {
    const visit = browser();
    expect(await walk(plan('take'), visit, customer)).toBe('left');
    expect(visit.done).toEqual(['look MUG-1', 'add MUG-1', 'view cart', 'turn to leave']);
    expect(visit.offerWithin.mock.calls.flat()).toEqual([1_000, 1_000, 1_000, 30_000, 5_000]);
  });

  it('turns into an order when a coupon is taken', async () => {
    const visit = browser({ offerAtWait: 4 });
    expect(await walk(plan('take'), visit, customer)).toBe('ordered with coupon');
    expect(visit.done.slice(3)).toEqual(['take', 'start checkout', 'order']);
  });

  it('goes on as planned when a coupon is dismissed or ignored', async () => {
    const dismissing = browser({ offerAtWait: 4 });
    expect(await walk(plan('dismiss'), dismissing, customer)).toBe('left');
    expect(dismissing.done.slice(3)).toEqual(['dismiss', 'turn to leave']);
    const ignoring = browser({ offerAtWait: 4 });
    expect(await walk(plan('ignore'), ignoring, customer)).toBe('left');
    expect(ignoring.done.slice(3)).toEqual(['turn to leave']);
  });

  it('adds nothing that is sold out', async () => {
    const visit = browser({ available: 0 });
    await walk(plan('take'), visit, customer);
    expect(visit.done).toEqual(['look MUG-1', 'view cart', 'turn to leave']);
  });

  it('says whether an order was taken', async () => {
    const order: SessionPlan = { ...plan('take'), steps: [{ do: 'order', afterMs: 0 }] };
    expect(await walk(order, browser(), customer)).toBe('ordered');
    expect(await walk(order, browser({ ordered: false }), customer)).toBe('left');
  });

  it('ends when the browser is closed', async () => {
    const visit = { ...browser(), closed: true };
    expect(await walk(plan('take'), visit, customer)).toBe('left');
    expect(visit.done).toEqual([]);
  });
});
