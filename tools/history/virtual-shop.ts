import type { NewEvent } from '#contracts/contract';
import { draftsOf, recordsOf } from '#log/transactions';
import type { PlacedRecord } from '#log/producer';
import { decide, emptyCart, evolve, isOpen, totals } from '../../apps/shop/src/cart.ts';
import type { Asked, Cart, CartCommand } from '../../apps/shop/src/cart.ts';
import type { Offer } from '../../apps/shop/src/offers.ts';
import { catalog } from '../catalog.ts';

const bySku = new Map(catalog.map((entry) => [entry.sku, entry]));

/** What the shop's views say, as the history has read them so far. */
export interface Views {
  available(sku: string): number;
  offer(visitorId: string): Offer | null;
}

/**
 * The shop as its visitors know it, with its tables in memory: the same decisions about the same carts as
 * behind its API, and the same lanes.
 */
export class VirtualShop {
  readonly carts = new Map<string, Cart>();
  /** Visitor by order id. */
  readonly orders = new Map<string, string>();
  /** Last count of each lane. */
  readonly lanes = new Map<string, number>();

  constructor(
    private readonly lanePrefix: string,
    private readonly views: Views,
    private readonly append: (records: readonly PlacedRecord[]) => void,
  ) {}

  /** Pieces of a product that can be had; null when there is no such product. */
  product(sku: string): { available: number } | null {
    return bySku.has(sku) ? { available: this.views.available(sku) } : null;
  }

  /** How many products a search finds: each word in the name, the category or the description. */
  found(query: string): number {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return catalog.filter(({ name, category, description }) => {
      const text = `${name} ${category} ${description}`.toLowerCase();
      return words.every((word) => text.includes(word));
    }).length;
  }

  cartCents(visitorId: string): number {
    return totals(this.carts.get(visitorId) ?? emptyCart).subtotal.cents;
  }

  /** The coupon that the pages show. */
  openOffer(visitorId: string, at: number): Offer | null {
    const offer = this.views.offer(visitorId);
    return isOpen(offer, this.carts.get(visitorId) ?? emptyCart, at) ? offer : null;
  }

  add(sku: string, by: Asked): void {
    const unitPrice = { cents: bySku.get(sku)!.priceCents, currency: 'EUR' as const };
    this.#command({ do: 'add', sku, quantity: 1, unitPrice }, by);
  }

  remove(sku: string, by: Asked): void {
    this.#command({ do: 'remove', sku, quantity: null }, by);
  }

  applyCoupon(code: string, by: Asked): void {
    this.#command({ do: 'apply coupon', code }, by);
  }

  /** False when the shop says no. */
  checkOut(
    orderId: string,
    customer: { name: string; email: string; address: string },
    by: Asked,
  ): boolean {
    const { lines } = this.carts.get(by.visitorId) ?? emptyCart;
    const names = Object.fromEntries(lines.map(({ sku }) => [sku, bySku.get(sku)!.name]));
    const taken = this.#command({ do: 'check out', orderId, names, customer }, by);
    if (taken) this.orders.set(orderId, by.visitorId);
    return taken;
  }

  #command(command: CartCommand, by: Asked): boolean {
    const { visitorId, at } = by;
    const cart = this.carts.get(visitorId) ?? emptyCart;
    const answer = decide(cart, this.views.offer(visitorId), command, by);
    const events: readonly NewEvent[] = answer.append;
    this.carts.set(
      visitorId,
      events.reduce((state, event) => evolve(state, event as never), cart),
    );
    const drafts = draftsOf('shop', this.lanePrefix, events);
    this.append(recordsOf('shop', drafts, this.lanes, { time: at }));
    return answer.refused === undefined;
  }
}
