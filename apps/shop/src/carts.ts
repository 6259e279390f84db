import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { Transactions } from '#log/transactions';
import { Cart, decide, emptyCart, evolve, isOpen, totals } from './cart.ts';
import type { CartCommand, Customer } from './cart.ts';
import { Catalogue } from './catalogue.ts';
import { CartRow, OfferRow, OrderRow, SubmittedOrder } from './entities.ts';
import type { Offer } from './offers.ts';
import type { OrderView } from './order-view.ts';
import { Releases } from './releases.ts';
import type { Visitor } from './visitor.ts';

const MAX_ORDERS = 20;

/** Carts: each command is one transaction that decides, folds, saves the row and appends. */
@Injectable()
export class Carts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly catalogue: Catalogue,
    private readonly releases: Releases,
  ) {}

  async add(visitor: Visitor, sku: string, quantity: number): Promise<void> {
    const [product] = await this.catalogue.bySku([sku]);
    if (!product)
      throw new NotFoundException({ error: 'sku: there is no such product.', field: 'sku' });
    await this.command(visitor, { do: 'add', sku, quantity, unitPrice: product.price });
  }

  async remove(visitor: Visitor, sku: string, quantity: number | null): Promise<void> {
    await this.command(visitor, { do: 'remove', sku, quantity });
  }

  async applyCoupon(visitor: Visitor, code: string): Promise<void> {
    await this.command(visitor, { do: 'apply coupon', code });
  }

  async checkOut(visitor: Visitor, orderId: string, customer: Customer): Promise<void> {
    const cart = await this.cart(this.dataSource.manager, visitor.visitorId);
    const products = await this.catalogue.bySku(cart.lines.map(({ sku }) => sku));
    const names = Object.fromEntries(products.map(({ sku, name }) => [sku, name]));
    await this.command(visitor, { do: 'check out', orderId, names, customer });
  }

  /** Everything the pages show of a visitor. */
  async me({ visitorId, optedOut }: Visitor, at: number) {
    const { manager } = this.dataSource;
    const cart = await this.cart(manager, visitorId);
    const offer = await this.offer(manager, visitorId);
    const rows = await manager.find(OrderRow, {
      where: { visitorId },
      order: { submittedAt: 'DESC' },
      take: MAX_ORDERS,
    });
    return {
      visitorId,
      optedOut,
      releases: await this.releases.all(visitorId),
      cart: { ...(await this.shown(cart)), ...totals(cart) },
      offer: isOpen(offer, cart, at)
        ? {
            code: offer.code,
            percent: offer.percent,
            expiresAt: offer.expiresAt,
            status: offer.status,
          }
        : null,
      orders: rows.map(({ state }) => JSON.parse(state!) as OrderView),
    };
  }

  async order(visitorId: string, orderId: string): Promise<OrderView | null> {
    const row = await this.dataSource.manager.findOneBy(OrderRow, { key: orderId, visitorId });
    return row ? (JSON.parse(row.state!) as OrderView) : null;
  }

  private async command(visitor: Visitor, command: CartCommand): Promise<void> {
    const { visitorId } = visitor;
    const refused = await this.transactions.run(async ({ manager, append }) => {
      if (command.do === 'check out' && !(await isFirst(manager, command.orderId, visitorId)))
        return;
      const cart = await this.lockCart(manager, visitorId);
      const offer = await this.offer(manager, visitorId);
      const answer = decide(cart, offer, command, { ...visitor, at: Date.now() });
      if (answer.refused && command.do === 'check out') {
        await manager.delete(SubmittedOrder, { orderId: command.orderId });
      }
      const next = answer.append.reduce((state, event) => evolve(state, event as never), cart);
      if (next !== cart)
        await manager.update(CartRow, { visitorId }, { state: JSON.stringify(next) });
      append(...answer.append);
      return answer.refused;
    });
    // Thrown after the commit: a refusal is an event too.
    if (refused) throw new ConflictException({ error: refused });
  }

  /** Also of somebody who has none yet; nobody else changes it before the end of the transaction. */
  private async lockCart(manager: EntityManager, visitorId: string): Promise<Cart> {
    const [row] = await manager.query(
      `insert into shop_carts values ($1, $2)
       on conflict (visitor_id) do update set visitor_id = excluded.visitor_id returning state`,
      [visitorId, JSON.stringify(emptyCart)],
    );
    return Cart.parse(JSON.parse(row.state));
  }

  private async cart(manager: EntityManager, visitorId: string): Promise<Cart> {
    const row = await manager.findOneBy(CartRow, { visitorId });
    return row ? Cart.parse(JSON.parse(row.state)) : emptyCart;
  }

  private async offer(manager: EntityManager, visitorId: string): Promise<Offer | null> {
    const row = await manager.findOneBy(OfferRow, { key: visitorId });
    return row?.state ? (JSON.parse(row.state) as Offer) : null;
  }

  private async shown({ lines, coupon }: Cart) {
    const products = await this.catalogue.bySku(lines.map(({ sku }) => sku));
    const bySku = new Map(products.map((product) => [product.sku, product]));
    return {
      lines: lines.map((line) => {
        const product = bySku.get(line.sku);
        return {
          ...line,
          name: product?.name ?? line.sku,
          picture: product ? `/pictures/${product.picture}` : '',
        };
      }),
      coupon,
    };
  }
}

/** Takes the order id for this visitor; false when it was taken by the same checkout before. */
async function isFirst(
  manager: EntityManager,
  orderId: string,
  visitorId: string,
): Promise<boolean> {
  const inserted: unknown[] = await manager.query(
    'insert into shop_submitted_orders values ($1, $2) on conflict do nothing returning 1',
    [orderId, visitorId],
  );
  if (inserted.length > 0) return true;
  const taken = await manager.findOneByOrFail(SubmittedOrder, { orderId });
  if (taken.visitorId === visitorId) return false;
  throw new ConflictException({
    error: 'orderId: taken by another order; make a new one.',
    field: 'orderId',
  });
}
