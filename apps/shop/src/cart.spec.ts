import { visitors } from '#contracts/visitors';
import {
  CartCheckedOut,
  CouponApplied,
  CouponRedeemed,
  CouponRefused,
  CouponReturned,
  ItemAddedToCart,
  ItemRemovedFromCart,
} from '#contracts/visitors';
import { OrderSubmitted } from '#contracts/orders';
import type { NewEvent } from '#contracts/contract';
import { seeded } from '#testing/golden';
import { Cart, decide, emptyCart, evolve, MAX_LINES, MAX_QUANTITY, totals } from './cart.ts';
import type { CartCommand } from './cart.ts';
import type { Offer } from './offers.ts';

const at = Date.UTC(2026, 0, 1, 12);
const by = { visitorId: 'visitor-1', optedOut: false, at };
const euros = (cents: number) => ({ cents, currency: 'EUR' as const });
const customer = { name: 'Ada', email: 'ada@example.org', address: 'Lane 1' };
const who = { visitorId: by.visitorId, optedOut: false };
const mug = { sku: 'MUG', unitPrice: euros(1250) };
const pen = { sku: 'PEN', unitPrice: euros(199) };
const code = 'STAY10-ABCD';
const offer: Offer = { code, percent: 10, expiresAt: at + 1, status: 'shown', returnedBy: [] };
const checkout = {
  do: 'check out',
  orderId: 'order-0001',
  names: { MUG: 'A mug' },
  customer,
} as const;

/** The cart after these events. */
const after = (...events: NewEvent[]) =>
  events.reduce((cart, event) => evolve(cart, event as never), emptyCart);
const twoMugs = after(ItemAddedToCart({ ...who, ...mug, quantity: 2 }));
const withCoupon = evolve(twoMugs, CouponApplied({ ...who, code, percent: 10 }));
const usedUp = evolve(twoMugs, CouponRedeemed({ ...who, code, orderId: 'order-0000' }));
const given = (cart: Cart, command: CartCommand, of: Offer | null = null) =>
  decide(cart, of, command, by);

describe('adding', () => {
  it('is an event with the price of now', () => {
    expect(given(emptyCart, { do: 'add', ...mug, quantity: 2 })).toEqual({
      append: [ItemAddedToCart({ ...who, ...mug, quantity: 2 })],
    });
    const [added] = decide(
      emptyCart,
      null,
      { do: 'add', ...mug, quantity: 1 },
      {
        ...by,
        optedOut: true,
      },
    ).append;
    expect(added!.data).toMatchObject({ optedOut: true });
  });

  it('joins the line of the same product, at the newer price', () => {
    const dearer = { ...mug, unitPrice: euros(1300) };
    const cart = evolve(twoMugs, ItemAddedToCart({ ...who, ...dearer, quantity: 1 }));
    expect(cart.lines).toEqual([{ ...dearer, quantity: 3 }]);
  });

  it('is refused beyond what fits, and that is no event', () => {
    const room = MAX_QUANTITY - 2;
    expect(given(twoMugs, { do: 'add', ...mug, quantity: room }).refused).toBeUndefined();
    expect(given(twoMugs, { do: 'add', ...mug, quantity: room + 1 })).toEqual({
      append: [],
      refused: 'quantity: at most 99 of one product fit in a cart.',
    });
    const lines = Array.from({ length: MAX_LINES }, (_, i) => ({
      ...mug,
      sku: `P${i}`,
      quantity: 1,
    }));
    const full = { ...emptyCart, lines };
    expect(given(full, { do: 'add', ...mug, quantity: 1 }).refused).toMatch(/^The cart is full/);
    expect(given(full, { do: 'add', ...mug, sku: 'P7', quantity: 1 }).refused).toBeUndefined();
  });
});

describe('removing', () => {
  const remove = (quantity: number | null) =>
    given(twoMugs, { do: 'remove', sku: 'MUG', quantity });
  const removed = (quantity: number) => [ItemRemovedFromCart({ ...who, ...mug, quantity })];

  it('takes what was named, at most what is there, or the whole line', () => {
    expect(remove(1)).toEqual({ append: removed(1) });
    expect(remove(5)).toEqual({ append: removed(2) });
    expect(remove(null)).toEqual({ append: removed(2) });
  });

  it('leaves the line while there is something in it', () => {
    expect(evolve(twoMugs, removed(1)[0] as never).lines).toEqual([{ ...mug, quantity: 1 }]);
    expect(evolve(twoMugs, removed(2)[0] as never).lines).toEqual([]);
  });

  it('of what is not there changes nothing', () => {
    expect(given(twoMugs, { do: 'remove', sku: 'PEN', quantity: 1 })).toEqual({ append: [] });
    const gone = ItemRemovedFromCart({ ...who, ...pen, quantity: 1 });
    expect(evolve(twoMugs, gone as never)).toEqual(twoMugs);
  });
});

describe('a coupon', () => {
  const apply = (cart: Cart, of: Offer | null) => given(cart, { do: 'apply coupon', code }, of);

  it('counts for whom it was offered', () => {
    expect(apply(twoMugs, offer)).toEqual({
      append: [CouponApplied({ ...who, code, percent: 10 })],
    });
  });

  it('entered twice is applied once', () => {
    expect(apply(withCoupon, offer)).toEqual({ append: [] });
  });

  it.each([
    ['empty cart', emptyCart, offer],
    ['unknown', twoMugs, null],
    ['unknown', twoMugs, { ...offer, code: 'OTHER-CODE' }],
    ['used', usedUp, offer],
    ['expired', twoMugs, { ...offer, expiresAt: at }],
  ] as const)('is refused: %s', (reason, cart, of) => {
    const { append, refused } = apply(cart, of as Offer | null);
    expect(append).toEqual([CouponRefused({ ...who, code, reason })]);
    expect(refused).toMatch(/^code: [A-Z].*\.$/);
  });

  it('counts again when the order that used it gave it back, and only that one', () => {
    const returned = (orderId: string) => ({ ...offer, returnedBy: [orderId] });
    expect(apply(usedUp, returned('order-0000')).refused).toBeUndefined();
    expect(apply(usedUp, returned('order-9999')).refused).toMatch(/used/);
  });

  it('that is refused leaves the cart, another one stays', () => {
    const refusal = CouponRefused({ ...who, code, reason: 'expired' });
    expect(evolve(withCoupon, refusal as never).coupon).toBeNull();
    const other = CouponRefused({ ...who, code: 'OTHER-CODE', reason: 'unknown' });
    expect(evolve(withCoupon, other as never).coupon).toEqual({ code, percent: 10 });
  });
});

describe('checking out', () => {
  it('uses the coupon up, empties the cart and submits the order, with names and total', () => {
    const { append, refused } = given(withCoupon, checkout, offer);
    const { orderId } = checkout;
    const total = euros(2250);
    expect(refused).toBeUndefined();
    expect(append).toEqual([
      CouponRedeemed({ ...who, code, orderId }),
      CartCheckedOut({ ...who, orderId, skus: ['MUG'], total }),
      OrderSubmitted({
        orderId,
        visitorId: by.visitorId,
        lines: [{ ...mug, quantity: 2, name: 'A mug' }],
        coupon: { code, percent: 10, discount: euros(250) },
        total,
        customer,
      }),
    ]);
    const [redeemed, checkedOut] = append;
    const cart = [redeemed, checkedOut].reduce((c, event) => evolve(c, event as never), withCoupon);
    expect(cart).toEqual({ lines: [], coupon: null, redeemed: { [code]: orderId } });
  });

  it('without a coupon redeems none', () => {
    const { append } = given(twoMugs, checkout);
    expect(append.map(({ type }) => type)).toEqual(['CartCheckedOut', 'OrderSubmitted']);
    expect(append[1]!.data).not.toHaveProperty('coupon.code');
  });

  it('calls a product without a name by its SKU', () => {
    const [, submitted] = given(twoMugs, { ...checkout, names: {} }).append;
    expect(submitted!.data).toMatchObject({ lines: [{ name: 'MUG' }] });
  });

  it('of an empty cart is refused', () => {
    expect(given(emptyCart, checkout)).toEqual({
      append: [],
      refused: 'The cart is empty: add a product first.',
    });
  });

  it('is refused when the coupon ran out meanwhile, as the total is another then', () => {
    const { append, refused } = given(withCoupon, checkout, { ...offer, expiresAt: at });
    expect(append).toEqual([CouponRefused({ ...who, code, reason: 'expired' })]);
    expect(refused).toMatch(/^This coupon has expired\. The total has changed/);
    expect(evolve(withCoupon, append[0] as never)).toEqual(twoMugs);
  });
});

describe('totals', () => {
  it('give the discount rounded down to the cent', () => {
    const cart = { ...emptyCart, lines: [{ ...pen, quantity: 3 }], coupon: { code, percent: 15 } };
    expect(totals(cart)).toEqual({
      subtotal: euros(597),
      discount: euros(89),
      total: euros(508),
    });
    expect(totals(emptyCart).total).toEqual(euros(0));
  });
});

/** Commands of one visitor, offers that come and go, orders that give coupons back. */
function story(seed: number) {
  const random = seeded(seed);
  const pick = <T>(...from: T[]): T => from[Math.floor(random() * from.length)]!;
  const log: NewEvent[] = [];
  let usedTwice = 0;
  let [cart, of] = [emptyCart, null as Offer | null];
  for (let i = 0; i < 60; i += 1) {
    const sku = pick('MUG', 'PEN', 'CUP');
    const quantity = pick(1, 2, 40);
    const orderId = `order-${String(i).padStart(4, '0')}`;
    if (random() < 0.2)
      of = { ...offer, code: pick(code, 'OTHER-CODE'), expiresAt: at + pick(-1, 1) };
    const usedBy = of && cart.redeemed[of.code];
    if (of && usedBy && random() < 0.3) of = { ...of, returnedBy: [usedBy] };
    const command = pick<CartCommand>(
      { do: 'add', sku, quantity, unitPrice: euros(pick(1, 199, 1250)) },
      { do: 'add', sku, quantity, unitPrice: euros(500) },
      { do: 'remove', sku, quantity: pick(1, null) },
      { do: 'apply coupon', code: pick(code, 'OTHER-CODE') },
      { ...checkout, orderId },
    );
    const { append } = decide(cart, of, command, by);
    for (const { type, data } of append as { type: string; data: any }[]) {
      if (type !== CouponRedeemed.type) continue;
      const before = cart.redeemed[data.code];
      if (before !== undefined && !of!.returnedBy.includes(before)) usedTwice += 1;
    }
    cart = append.reduce((state, event) => evolve(state, event as never), cart);
    log.push(...append);
  }
  return { cart, log, usedTwice };
}

describe('any story', () => {
  const stories = Array.from({ length: 100 }, (_, seed) => story(seed));

  it('leaves a cart that is the fold of its events on visitors, and survives its JSON', () => {
    for (const { cart, log } of stories) {
      const onVisitors = log
        .filter(({ topic }) => topic === visitors.name)
        .map((event) => JSON.parse(JSON.stringify(event)) as NewEvent);
      expect(after(...onVisitors)).toEqual(cart);
      expect(Cart.parse(JSON.parse(JSON.stringify(cart)))).toEqual(cart);
    }
  });

  it('keeps within the limits, and uses a coupon up once until it is given back', () => {
    for (const { cart, log, usedTwice } of stories) {
      expect(usedTwice).toBe(0);
      expect(cart.lines.every(({ quantity }) => quantity >= 1 && quantity <= 99)).toBe(true);
      expect(new Set(cart.lines.map(({ sku }) => sku)).size).toBe(cart.lines.length);
      const orders = log.filter(({ type }) => type === OrderSubmitted.type);
      const checkedOut = log.filter(({ type }) => type === CartCheckedOut.type);
      expect(checkedOut.map(({ data }: any) => [data.orderId, data.total])).toEqual(
        orders.map(({ data }: any) => [data.orderId, data.total]),
      );
    }
  });

  it('has every event in it, so that these properties say something', () => {
    const types = new Set(stories.flatMap(({ log }) => log.map(({ type }) => type)));
    const all = [ItemAddedToCart, ItemRemovedFromCart, CouponApplied, CouponRefused];
    const more = [CouponRedeemed, CartCheckedOut, OrderSubmitted];
    expect(types).toEqual(new Set([...all, ...more].map(({ type }) => type)));
  });
});

it('does not change when a coupon comes back: the offer knows that', () => {
  const returned = CouponReturned({ ...who, code, orderId: 'order-0000' });
  expect(evolve(usedUp, returned as never)).toBe(usedUp);
});
