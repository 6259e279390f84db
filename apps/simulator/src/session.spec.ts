import { jest } from '@jest/globals';
import type { Offer } from './browser.ts';
import { live } from './session.ts';
import type { Deed, Outcome, Sight, Visit } from './visit.ts';

const customer = { name: 'Ada Brook', email: 'ada@example.com', address: '1 Towpath' };
const offer: Offer = { code: 'STAY-10', percent: 10, status: 'offered' };

/** A visit that does these things whatever it sees, and keeps what it saw. */
function scripted(...deeds: Deed[]) {
  const sights: Sight[] = [];
  function* visit(): Visit {
    for (const deed of deeds) sights.push(yield deed);
    return 'left' satisfies Outcome;
  }
  return { visit: visit(), sights };
}

/** A browser that notes what is done with it; the coupon comes up during the nth wait. */
function browser({ offerAtWait = 0, ordered = true } = {}) {
  const done: string[] = [];
  let waits = 0;
  const note =
    <T>(what: string, answer: T) =>
    (...details: unknown[]) => {
      const words = details.map((detail) => (detail as Offer).code ?? detail);
      done.push([what, ...words.filter((word) => typeof word === 'string')].join(' '));
      return answer;
    };
  return {
    done,
    closed: false,
    cartCents: 2_500,
    offerWithin: jest.fn(async (_ms: number) => (++waits === offerAtWait ? offer : null)),
    arrive: note('arrive', Promise.resolve()),
    search: note('search', Promise.resolve()),
    look: note('look', Promise.resolve({ available: 5 })),
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

describe('a live session', () => {
  it('does in the shop what the visit says, and shows it what the shop shows', async () => {
    const page = browser();
    const { visit, sights } = scripted(
      { do: 'arrive' },
      { do: 'think', ms: 1_000 },
      { do: 'look', sku: 'MUG-1' },
      { do: 'add', sku: 'MUG-1' },
      { do: 'view cart' },
      { do: 'order' },
    );
    expect(await live(visit, page, customer)).toBe('left');
    expect(page.done).toEqual(['arrive', 'look MUG-1', 'add MUG-1', 'view cart', 'order']);
    expect(page.offerWithin.mock.calls).toEqual([[1_000]]);
    const plain = { product: null, coupon: null, ordered: false, cartCents: 2_500 };
    expect(sights).toEqual([
      plain,
      plain,
      { ...plain, product: { available: 5 } },
      plain,
      plain,
      { ...plain, ordered: true },
    ]);
  });

  it('shows a coupon once, and takes it after more thought', async () => {
    const page = browser({ offerAtWait: 1 });
    const { visit, sights } = scripted(
      { do: 'think', ms: 20_000 },
      { do: 'think', ms: 3_000 },
      { do: 'take coupon' },
    );
    await live(visit, page, customer);
    expect(sights.map(({ coupon }) => coupon)).toEqual([offer, null, null]);
    expect(page.done).toEqual(['take STAY-10']);
  });

  it('tells when an order was refused', async () => {
    const { visit, sights } = scripted({ do: 'order' });
    await live(visit, browser({ ordered: false }), customer);
    expect(sights[0]!.ordered).toBe(false);
  });

  it('ends when the browser is closed', async () => {
    const page = { ...browser(), closed: true };
    const { visit } = scripted({ do: 'think', ms: 1 }, { do: 'turn to leave' });
    expect(await live(visit, page, customer)).toBe('cut off');
    expect(page.done).toEqual([]);
  });
});
