import { Dice } from './dice.ts';
import { chanceToLeave, chanceToStay } from './doubt.ts';
import { personas } from './personas.ts';
import type { Shopper } from './shopper.ts';
import type { Deed, Sight } from './visit.ts';

/** So few are called "only a few left". */
const FEW = 3;

/** What goes on in a shopper's head, and stays there: the log gets to know only what they do. */
export class Mind {
  /** For what is done and how long it takes. */
  readonly dice: Dice;
  readonly #fate: { leaves: number; stays: number; takes: number; dismisses: number };
  readonly #available = new Map<string, number>();
  readonly #inCart = new Set<string>();
  #minutes = 0;
  #chanceToLeave: number | null = null;
  #offeredPercent: number | null = null;

  constructor(
    seed: string,
    readonly shopper: Shopper,
  ) {
    this.dice = new Dice(seed, 'session', shopper.session);
    // Apart from the other dice, and thrown before anything is seen: with and without a coupon it
    // is the same person, and the difference is the coupon's.
    const fate = (what: string) => new Dice(seed, 'fate', shopper.session, what).share();
    this.#fate = {
      leaves: fate('leaves'),
      stays: fate('stays'),
      takes: fate('takes'),
      dismisses: fate('dismisses'),
    };
  }

  spend(ms: number): void {
    this.#minutes += ms / 60_000;
  }

  notice(deed: Deed, sight: Sight): void {
    if (deed.do === 'look') this.#available.set(deed.sku, sight.product?.available ?? 0);
    if (deed.do === 'add') this.#inCart.add(deed.sku);
    if (deed.do === 'remove') this.#inCart.delete(deed.sku);
  }

  canHave(sku: string): boolean {
    return this.#available.get(sku) !== 0;
  }

  /** Weighs a filled cart and everything seen so far. Done once in a visit. */
  makesUp(cartCents: number): 'leave' | 'buy' {
    this.#chanceToLeave = chanceToLeave(this.shopper, {
      totalCents: cartCents,
      fewLeft: [...this.#inCart].some((sku) => (this.#available.get(sku) ?? FEW + 1) <= FEW),
      missed: [...this.#available.values()].includes(0),
      minutesInShop: this.#minutes,
    });
    return this.#wouldLeave ? 'leave' : 'buy';
  }

  get isMadeUp(): boolean {
    return this.#chanceToLeave !== null;
  }

  /** A coupon keeps some of those who would leave; whoever buys anyway takes it or not, and buys. */
  reactTo({ percent }: { percent: number }): Reaction {
    this.#offeredPercent = percent;
    const { takes, dismisses } = this.#fate;
    if (!this.#wouldLeave) return takes < 0.85 ? 'take' : 'ignore';
    if (this.#wouldStay(percent)) return 'stay';
    return dismisses < 0.6 ? 'dismiss' : 'ignore';
  }

  /** The hidden truth about the visit, to be kept aside from the log. */
  truth(): Truth {
    const { session, visitor, persona, device, priceSensitivity, patience } = this.shopper;
    return {
      ...{ session, visitor, persona, device, priceSensitivity, patience },
      chanceToLeave: this.#chanceToLeave,
      wouldLeave: this.isMadeUp ? this.#wouldLeave : null,
      couponEffect: personas[persona].couponEffect,
      wouldStay: this.isMadeUp ? this.#wouldStay(this.#offeredPercent ?? 10) : null,
      offeredPercent: this.#offeredPercent,
    };
  }

  get #wouldLeave(): boolean {
    return this.#fate.leaves < this.#chanceToLeave!;
  }

  #wouldStay(percent: number): boolean {
    return this.#fate.stays < chanceToStay(this.shopper, percent);
  }
}

/** `stay`: take it and pay instead of leaving. */
export type Reaction = 'stay' | 'take' | 'dismiss' | 'ignore';

export interface Truth {
  readonly session: number;
  readonly visitor: number;
  readonly persona: Shopper['persona'];
  readonly device: Shopper['device'];
  readonly priceSensitivity: number;
  readonly patience: number;
  /** null: never came to think about a filled cart. */
  readonly chanceToLeave: number | null;
  /** Without any coupon. */
  readonly wouldLeave: boolean | null;
  /** Of the persona, for 10 % off. */
  readonly couponEffect: number;
  /** If it would leave and a coupon came up (of the percentage seen, or 10). */
  readonly wouldStay: boolean | null;
  /** The coupon that was seen. */
  readonly offeredPercent: number | null;
}
