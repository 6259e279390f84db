import { ConflictException, Injectable, NotFoundException } from '@nestjs/common';
import { DataSource } from 'typeorm';
import type { EntityManager } from 'typeorm';
import { Transactions } from '#log/transactions';
import type { LogTransaction } from '#log/transactions';
import { Cart, decide, emptyCart, evolve, isOpen, totals } from './cart.ts';
import type { CartCommand, Customer } from './cart.ts';
import type { Product } from './catalogue-views.ts';
import { addressOf, Catalogue } from './catalogue.ts';
import { CartRow, OrderRow, SubmittedOrder } from './entities.ts';
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
    const cart = await this.cart(visitor.visitorId);
    const products = await this.catalogue.bySku(cart.lines.map(({ sku }) => sku));
    const names = Object.fromEntries(products.map(({ sku, name }) => [sku, name]));
    await this.command(visitor, { do: 'check out', orderId, names, customer });
  }

  /** Everything the pages show of a visitor. */
  async me({ visitorId, optedOut }: Visitor, at: number) {
    const [{ cart, offer, orders, products }, releases] = await Promise.all([
      this.known(visitorId),
      this.releases.all(visitorId),
    ]);
    return {
      visitorId,
      optedOut,
      releases,
      cart: { ...shown(cart, products), ...totals(cart) },
      offer: isOpen(offer, cart, at)
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

  async order(visitorId: string, orderId: string): Promise<OrderView | null> {
    const row = await this.dataSource.manager.findOneBy(OrderRow, { key: orderId, visitorId });
    return row ? (JSON.parse(row.state!) as OrderView) : null;
  }

  private async command(visitor: Visitor, command: CartCommand): Promise<void> {
    const { visitorId, traceparent } = visitor;
    const work = async ({ manager, append }: LogTransaction) => {
      if (command.do === 'check out' && !(await isFirst(manager, command.orderId, visitorId)))
        return;
      const { cart, offer } = await this.lockCart(manager, visitorId);
      const answer = decide(cart, offer, command, { ...visitor, at: Date.now() });
      if (answer.refused && command.do === 'check out') {
        await manager.delete(SubmittedOrder, { orderId: command.orderId });
      }
      const next = answer.append.reduce((state, event) => evolve(state, event as never), cart);
      if (next !== cart) {
        const row = [visitorId, JSON.stringify(next)];
        await manager.query('update shop_carts set state = $2 where visitor_id = $1', row);
      }
      append(...answer.append);
      return answer.refused;
    };
    const refused = await this.transactions.run(work, { traceparent });
    // Thrown after the commit: a refusal is an event too.
    if (refused) throw new ConflictException({ error: refused });
  }

  /** Also of somebody who has none yet; nobody else changes it before the end of the transaction. */
  private async lockCart(manager: EntityManager, visitorId: string): Promise<CartAndOffer> {
    const [row]: [CartAndOfferRow] = await manager.query(
      `insert into shop_carts values ($1, $2)
       on conflict (visitor_id) do update set visitor_id = excluded.visitor_id
       returning state as cart, (select state from shop_offers where key = visitor_id) as offer`,
      [visitorId, JSON.stringify(emptyCart)],
    );
    return cartAndOffer(row);
  }

  private async cart(visitorId: string): Promise<Cart> {
    return cartOf((await this.dataSource.manager.findOneBy(CartRow, { visitorId }))?.state);
  }

  /** One question: a page that asks for each of them in turn waits four times. */
  private async known(visitorId: string): Promise<Known> {
    const [row]: [CartAndOfferRow & Record<'orders' | 'products', string[]>] =
      await this.dataSource.query(
        `select c.state as cart,
           (select state from shop_offers where key = $1) as offer,
           array(select state from shop_orders where visitor_id = $1
             order by submitted_at desc limit $2) as orders,
           array(select state from shop_products where not withdrawn
             and key in (select line ->> 'sku' from json_array_elements(c.state::json -> 'lines') line)
           ) as products
         from (select (select state from shop_carts where visitor_id = $1)) as c(state)`,
        [visitorId, MAX_ORDERS],
      );
    return {
      ...cartAndOffer(row),
      orders: row.orders.map((state) => JSON.parse(state)),
      products: row.products.map((state) => JSON.parse(state)),
    };
  }
}

/** The cart as pages show it. `products`: those in it that are for sale. */
function shown({ lines, coupon }: Cart, products: readonly Product[]) {
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

interface CartAndOffer {
  cart: Cart;
  offer: Offer | null;
}

type CartAndOfferRow = Record<keyof CartAndOffer, string | null>;

interface Known extends CartAndOffer {
  orders: OrderView[];
  products: Product[];
}

function cartAndOffer({ cart, offer }: CartAndOfferRow): CartAndOffer {
  return {
    cart: cartOf(cart),
    offer: offer ? (JSON.parse(offer) as Offer) : null,
  };
}

/** Of who has none yet: an empty one. */
function cartOf(state: string | null | undefined): Cart {
  return state ? Cart.parse(JSON.parse(state)) : emptyCart;
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
