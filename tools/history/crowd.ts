import type { NewEvent } from '#contracts/contract';
import { visitors } from '#contracts/visitors';
import { goodsOf } from '../../apps/collector/src/delivery.ts';
import { customerOf } from '../../apps/simulator/src/customer.ts';
import { Dice } from '../../apps/simulator/src/dice.ts';
import { Mind } from '../../apps/simulator/src/mind.ts';
import { mixAt } from '../../apps/simulator/src/personas.ts';
import type { Mix } from '../../apps/simulator/src/personas.ts';
import { restock } from '../../apps/simulator/src/restocking.ts';
import type { LowLooks } from '../../apps/simulator/src/restocking.ts';
import { gapBefore, shopperOf } from '../../apps/simulator/src/shopper.ts';
import { tagHits } from '../../apps/simulator/src/tag-hits.ts';
import { tastesFor } from '../../apps/simulator/src/tastes.ts';
import type { VisitTruth } from '../../apps/simulator/src/truth-file.ts';
import { visit } from '../../apps/simulator/src/visit.ts';
import type { Deed, Sight, Visit } from '../../apps/simulator/src/visit.ts';
import { catalog } from '../catalog.ts';
import { uuidOf } from './names.ts';
import type { Retailer } from './retailer.ts';

const DAY_MS = 24 * 60 * 60_000;
/** The first facts are read before anybody comes. */
const OPENING_MS = 1_000;
const LOOK_EVERY_MS = 30_000;
const SITE = 'http://localhost:4000';

export interface CrowdOptions {
  readonly seed: string;
  readonly mix: Mix;
  readonly sessionsPerDay: number;
  /** Told when a visit ends. */
  readonly ended: (truth: VisitTruth) => void;
}

/** The shoppers and suppliers of the simulator, in virtual time: they meet the retailer's doors only. */
export class VirtualCrowd {
  readonly #tastes = tastesFor(catalog);
  readonly #visits = new Map<string, Set<Walk>>();
  readonly #suppliers: Dice;
  #low: LowLooks = new Map();
  #deliveries = 0;
  #arrived = 0;

  constructor(
    private readonly retailer: Retailer,
    private readonly options: CrowdOptions,
  ) {
    this.#suppliers = new Dice(options.seed, 'suppliers');
    retailer.onOffer = (visitorId) => {
      for (const walk of this.#visits.get(visitorId) ?? []) walk.noticeOffer();
    };
    const { agenda } = retailer;
    const opening = agenda.now + OPENING_MS;
    agenda.at(opening, () => this.#look());
    agenda.at(opening, () => this.#awaitNext());
  }

  #awaitNext(): void {
    const { seed, mix, sessionsPerDay } = this.options;
    const { agenda } = this.retailer;
    const n = this.#arrived++;
    const busy = sum(mixAt(mix, hourOf(agenda.now))) / sum(mix);
    const gapMs = (gapBefore(seed, n) * DAY_MS) / (sessionsPerDay * busy);
    agenda.at(agenda.now + gapMs, () => {
      this.#admit(n);
      this.#awaitNext();
    });
  }

  #admit(n: number): void {
    const { seed, mix, ended } = this.options;
    const now = mixAt(mix, hourOf(this.retailer.agenda.now));
    const mind = new Mind(seed, shopperOf(seed, n, now, this.#tastes));
    const walk = new Walk(this.retailer, seed, mind, visit(mind, this.#tastes), (truth) => {
      this.#visits.get(truth.visitorId)!.delete(walk);
      ended(truth);
    });
    const { visitorId } = walk;
    this.#visits.set(visitorId, (this.#visits.get(visitorId) ?? new Set()).add(walk));
    walk.begin();
  }

  #look(): void {
    const { agenda, shop } = this.retailer;
    const shelves = catalog.map(({ sku, name, category }) => {
      return { sku, name, category, available: shop.product(sku)!.available };
    });
    const { low, deliveries } = restock(shelves, this.#low, this.#suppliers);
    this.#low = low;
    for (const delivery of deliveries) {
      const deliveryId = uuidOf(this.options.seed, 'delivery', this.#deliveries++);
      this.retailer.collect(goodsOf({ deliveryId, ...delivery }));
    }
    agenda.at(agenda.now + LOOK_EVERY_MS, () => this.#look());
  }
}

/** One visit: what the simulator's browser does, without a network. */
class Walk {
  readonly visitorId: string;
  readonly #from: number;
  readonly #tab;
  readonly #seenOffers = new Set<string>();
  #page = '/';
  #hits = 0;
  #coupon: { code: string; percent: number } | null = null;
  #code = '';
  #stopThinking: (() => void) | null = null;

  constructor(
    private readonly retailer: Retailer,
    private readonly seed: string,
    private readonly mind: Mind,
    private readonly story: Visit,
    private readonly ended: (truth: VisitTruth) => void,
  ) {
    const { visitor, session } = mind.shopper;
    this.visitorId = uuidOf(seed, 'visitor', visitor);
    this.#tab = {
      visitorId: this.visitorId,
      sessionId: uuidOf(seed, 'session', session),
      tab: uuidOf(seed, 'tab', session),
      site: 'shop',
    };
    this.#from = retailer.agenda.now;
  }

  begin(): void {
    this.noticeOffer();
    this.#goOn(this.story.next());
  }

  /** The coupon that the page shows now, if it is a new one, comes up: whoever thinks looks up. */
  noticeOffer(): void {
    const { agenda, shop } = this.retailer;
    if (this.mind.shopper.persona === 'bot') return;
    const offer = shop.openOffer(this.visitorId, agenda.now);
    if (!offer || this.#seenOffers.has(offer.code)) return;
    const { code, percent, status } = offer;
    this.#seenOffers.add(code);
    this.#coupon = { code, percent };
    this.#code = code;
    if (status === 'offered') this.#say([{ type: 'OfferShown', fields: { code } }]);
    if (!this.#stopThinking) return;
    this.#stopThinking();
    agenda.at(agenda.now, () => this.#wakeUp());
  }

  #goOn(next: ReturnType<Visit['next']>): void {
    for (let step = next; ;) {
      if (step.done) {
        const { visitorId } = this;
        const until = this.retailer.agenda.now;
        const outcome = step.value;
        return this.ended({ ...this.mind.truth(), visitorId, from: this.#from, until, outcome });
      }
      const deed = step.value;
      if (deed.do === 'think' && !this.#coupon) return this.#think(deed.ms);
      step = this.story.next(deed.do === 'think' ? this.#afterThought() : this.#act(deed));
    }
  }

  #think(ms: number): void {
    const { agenda } = this.retailer;
    this.#stopThinking = agenda.at(agenda.now + ms, () => this.#wakeUp());
  }

  #wakeUp(): void {
    this.#stopThinking = null;
    this.#goOn(this.story.next(this.#afterThought()));
  }

  #afterThought(): Sight {
    const coupon = this.#coupon;
    this.#coupon = null;
    return this.#sight({ coupon });
  }

  #sight(seen: Partial<Sight>): Sight {
    const cartCents = this.retailer.shop.cartCents(this.visitorId);
    return { product: null, coupon: null, ordered: false, ...seen, cartCents };
  }

  #act(deed: Deed): Sight {
    const seen = this.#meet(deed);
    this.noticeOffer(); // It is shown to a cart with something in it.
    return this.#sight(seen);
  }

  #meet(deed: Deed): Partial<Sight> {
    const { shop, agenda } = this.retailer;
    const { session, visitor, optedOut } = this.mind.shopper;
    const by = { visitorId: this.visitorId, optedOut, at: agenda.now };
    const found = deed.do === 'search' ? shop.found(deed.query) : undefined;
    const { page, hits } = tagHits(deed, { found, code: this.#code });
    this.#page = page ?? this.#page;
    this.#say(hits);
    switch (deed.do) {
      case 'look':
        return { product: shop.product(deed.sku) };
      case 'add':
        shop.add(deed.sku, by);
        return {};
      case 'remove':
        shop.remove(deed.sku, by);
        return {};
      case 'take coupon':
        shop.applyCoupon(this.#code, by);
        return {};
      case 'order': {
        const orderId = uuidOf(this.seed, 'order', session);
        return { ordered: shop.checkOut(orderId, customerOf(this.seed, visitor), by) };
      }
      default:
        return {};
    }
  }

  /** Under Global Privacy Control the tag says nothing. */
  #say(said: readonly { type: string; fields?: object }[]): void {
    if (this.mind.shopper.optedOut) return;
    const url = new URL(this.#page, SITE).href;
    const events: NewEvent[] = said.map(({ type, fields }) => {
      this.#hits += 1;
      return visitors.events.get(type)!({ ...this.#tab, hit: this.#hits, url, ...fields });
    });
    this.retailer.collect(events);
  }
}

function hourOf(at: number): number {
  return new Date(at).getUTCHours();
}

function sum(mix: Mix): number {
  return Object.values(mix).reduce((total, weight) => total + weight, 0);
}
