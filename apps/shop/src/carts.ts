import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { together } from '#log/together';
import { Transactions } from '#log/transactions';
import type { LogTransaction } from '#log/transactions';
import { Cart, decide, emptyCart, evolve, isOpen, totals } from './cart.ts';
import type { CartCommand, Customer } from './cart.ts';
import type { Product } from './catalogue-views.ts';
import { addressOf } from './catalogue.ts';
import { OrderRow, SubmittedOrder } from './entities.ts';
import type { Offer } from './offers.ts';
import type { OrderView } from './order-view.ts';
import { Releases } from './releases.ts';
import type { Visitor } from './visitor.ts';

const MAX_ORDERS = 20;

/** What the pages show of a visitor, before it is shown. */
interface Known {
  cart: Cart;
  offer: Offer | null;
  orders: OrderView[];
  /** What is in the cart, and what was asked for besides, as far as it is for sale. */
  products: Product[];
}

/** Locks, reads, and says what is asked for; null: that has been done before. */
type Look = (tx: EntityManager) => Promise<{ known: Known; command: CartCommand | null }>;

/**
 * Carts: each command is one transaction that decides, folds, saves the row and appends. It answers with
 * what the pages show then, and is three rounds to the database.
 */
@Injectable()
export class Carts {
  constructor(
    private readonly dataSource: DataSource,
    private readonly transactions: Transactions,
    private readonly releases: Releases,
  ) {}

  /** Everything the pages show of a visitor. */
  me(visitor: Visitor) {
    return this.shown(visitor, read(this.dataSource.manager, visitor.visitorId));
  }

  add(visitor: Visitor, sku: string, quantity: number) {
    const look: Look = async (tx) => {
      const known = await lock(tx, visitor.visitorId, sku);
      const product = known.products.find((each) => each.sku === sku);
      if (!product)
        throw new NotFoundException({ error: 'sku: there is no such product.', field: 'sku' });
      return { known, command: { do: 'add', sku, quantity, unitPrice: product.price } };
    };
    return this.shown(visitor, this.change(visitor, look));
  }

  remove(visitor: Visitor, sku: string, quantity: number | null) {
    return this.command(visitor, { do: 'remove', sku, quantity });
  }

  applyCoupon(visitor: Visitor, code: string) {
    return this.command(visitor, { do: 'apply coupon', code });
  }

  async checkOut(visitor: Visitor, orderId: string, customer: Customer): Promise<void> {
    const look: Look = async (tx) => {
      const [isNew, known] = await together([
        submit(tx, orderId, visitor.visitorId),
        lock(tx, visitor.visitorId),
      ]);
      const names = Object.fromEntries(known.products.map(({ sku, name }) => [sku, name]));
      return { known, command: isNew ? { do: 'check out', orderId, names, customer } : null };
    };
    await this.change(visitor, look);
  }

  async order(visitorId: string, orderId: string): Promise<OrderView | null> {
    const row = await this.dataSource.manager.findOneBy(OrderRow, { key: orderId, visitorId });
    return row ? (JSON.parse(row.state!) as OrderView) : null;
  }

  private command(visitor: Visitor, command: CartCommand) {
    const look: Look = async (tx) => ({ known: await lock(tx, visitor.visitorId), command });
    return this.shown(visitor, this.change(visitor, look));
  }

  /** Throws when the visitor is refused. */
  private async change(visitor: Visitor, look: Look): Promise<Known> {
    const { visitorId, traceparent } = visitor;
    const work = async ({ manager, append, write }: LogTransaction) => {
      const { known, command } = await look(manager);
      if (!command) return { known };
      const { cart, offer } = known;
      const answer = decide(cart, offer, command, { ...visitor, at: Date.now() });
      if (answer.refused && command.do === 'check out') {
        write('delete from shop_submitted_orders where order_id = $1', [command.orderId]);
      }
      const next = answer.append.reduce((state, event) => evolve(state, event as never), cart);
      if (next !== cart) {
        const row = [visitorId, JSON.stringify(next)];
        write('update shop_carts set state = $2 where visitor_id = $1', row);
      }
      append(...answer.append);
      return { known: { ...known, cart: next }, refused: answer.refused };
    };
    const { known, refused } = await this.transactions.run(work, { traceparent });
    // Thrown after the commit: a refusal is an event too.
    if (refused) throw new ConflictException({ error: refused });
    return known;
  }

  private async shown({ visitorId, optedOut }: Visitor, whatIsKnown: Promise<Known>) {
    const [known, releases] = await Promise.all([whatIsKnown, this.releases.all(visitorId)]);
    const { cart, offer, orders, products } = known;
    return {
      visitorId,
      optedOut,
      releases,
      cart: { ...withNames(cart, products), ...totals(cart) },
      offer: isOpen(offer, cart, Date.now())
        ? {
            code: offer.code,
            percent: offer.percent,
            expiresAt: offer.expiresAt,
            status: offer.status,
          }
        : null,
      orders,
    };
  }
}

/** The cart as pages show it. `products`: those in it that are for sale. */
function withNames({ lines, coupon }: Cart, products: readonly Product[]) {
  const bySku = new Map(products.map((product) => [product.sku, product]));
  return {
    lines: lines.map((line) => {
      const product = bySku.get(line.sku);
      return {
        ...line,
        name: product?.name ?? line.sku,
        picture: product ? addressOf(product.picture) : '',
      };
    }),
    coupon,
  };
}

type KnownRow = Record<'cart' | 'offer', string | null> & Record<'orders' | 'products', string[]>;

/** All that is known of whom $1 is, and the product $2. One question: to ask for each in turn is to wait four times. */
const KNOWN = `
  select c.state as cart,
    (select state from shop_offers where key = $1) as offer,
    array(select state from shop_orders where visitor_id = $1
      order by submitted_at desc limit ${MAX_ORDERS}) as orders,
    array(select state from shop_products where not withdrawn and key = any (array_append(
      array(select line ->> 'sku' from json_array_elements(c.state::json -> 'lines') line), $2))) as products
  from c`;

const READ = `
  with c(state) as (select (select state from shop_carts where visitor_id = $1)) ${KNOWN}`;

const LOCK = `
  with c(state) as (
    insert into shop_carts values ($1, '${JSON.stringify(emptyCart)}')
    on conflict (visitor_id) do update set visitor_id = excluded.visitor_id returning state) ${KNOWN}`;

const read = (manager: EntityManager, visitorId: string) => ask(manager, READ, [visitorId, null]);

/** Also of somebody who has no cart yet; nobody else changes it before the end of the transaction. */
const lock = (manager: EntityManager, visitorId: string, sku: string | null = null) =>
  ask(manager, LOCK, [visitorId, sku]);

async function ask(
  manager: EntityManager,
  sql: string,
  about: [visitorId: string, sku: string | null],
): Promise<Known> {
  const [row]: [KnownRow] = await manager.query(sql, about);
  return {
    cart: row.cart ? Cart.parse(JSON.parse(row.cart)) : emptyCart,
    offer: row.offer ? JSON.parse(row.offer) : null,
    orders: row.orders.map((state) => JSON.parse(state)),
    products: row.products.map((state) => JSON.parse(state)),
  };
}

/** Takes the order id for this visitor; false when it was taken by the same checkout before. */
async function submit(
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
