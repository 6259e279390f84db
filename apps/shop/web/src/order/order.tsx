import { Link, useLocation, useParams } from 'react-router';
import { api } from '../api.ts';
import type { Order } from '../api.ts';
import { Failed, Loading, NotFound } from '../layout/states.tsx';
import { useLive } from '../live.tsx';
import { useLoad } from '../load.ts';
import { price } from '../money.ts';
import { sentenceOf, stepsOf } from './order-steps.ts';
import { OrderTimeline } from './order-timeline.tsx';
import './order.css';

/** The live channel has the latest orders as they change; an older one is loaded. */
export function OrderScreen() {
  const { orderId = '' } = useParams();
  const { me } = useLive();
  const justPlaced = useLocation().state?.placed === true;
  const { data, error, retry } = useLoad(`orders/${orderId}`, () => api.order(orderId));
  const order = me?.orders.find((one) => one.orderId === orderId) ?? data;

  if (order) return <OrderDetails order={order} others={me?.orders ?? []} />;
  // The order that was just placed may take a moment to come round; the live channel brings it.
  if (error?.status === 404 && !justPlaced) {
    return <NotFound title="No such order">You have no order {orderId}.</NotFound>;
  }
  if (error && error.status !== 404) return <Failed error={error} retry={retry} />;
  return <Loading className="skeleton skeleton-block" />;
}

function OrderDetails({ order, others }: { order: Order; others: readonly Order[] }) {
  return (
    <>
      <title>{`Order ${shortId(order)} · Streamside`}</title>
      <header className="order-header">
        <h1>Order {shortId(order)}</h1>
        <p className="quiet">{when(order.submittedAt)}</p>
      </header>
      <Crossing order={order} />
      {order.short.length > 0 && <Shortage order={order} />}
      <div className="with-aside">
        <Lines order={order} />
        <OtherOrders orders={others.filter((other) => other.orderId !== order.orderId)} />
      </div>
      <OrderTimeline orderId={order.orderId} />
    </>
  );
}

function Crossing({ order }: { order: Order }) {
  const failed = order.status === 'rejected' || order.status === 'cancelled';
  return (
    <section className="crossing" aria-label="Where it is">
      <ol className="stones">
        {stepsOf(order.status).map((step) => (
          <li
            key={step.name}
            className={`stone stone-${step.state}`}
            aria-current={step.state === 'now' || step.state === 'failed' ? 'step' : undefined}
          >
            {step.name}
          </li>
        ))}
      </ol>
      {/* Read out by OrderNews, which speaks on every screen. */}
      <p
        className={failed ? 'crossing-sentence problem' : 'crossing-sentence'}
        data-testid="order-status"
        data-status={order.status}
      >
        {sentenceOf(order.status)}
      </p>
    </section>
  );
}

function Shortage({ order }: { order: Order }) {
  const nameOf = (sku: string) => order.lines.find((line) => line.sku === sku)?.name ?? sku;
  return (
    <section className="shortage" aria-label="What was short">
      <ul>
        {order.short.map(({ sku, requested, onHand }) => (
          <li key={sku}>
            <Link to={`/products/${sku}`}>{nameOf(sku)}</Link>: you asked for {requested}, we had{' '}
            {onHand}.
          </li>
        ))}
      </ul>
      {order.coupon && <p>Your coupon is yours again, as long as it lasts.</p>}
    </section>
  );
}

function Lines({ order }: { order: Order }) {
  return (
    <section className="slip" aria-labelledby="lines-title">
      <h2 id="lines-title">What you ordered</h2>
      <ul className="slip-lines">
        {order.lines.map(({ sku, name, quantity, unitPrice }) => (
          <li key={sku}>
            <span>
              {quantity} × <Link to={`/products/${sku}`}>{name}</Link>
            </span>
            <span>{price({ ...unitPrice, cents: unitPrice.cents * quantity })}</span>
          </li>
        ))}
      </ul>
      <dl className="totals">
        {order.coupon && (
          <div className="totals-discount">
            <dt>Coupon {order.coupon.code}</dt>
            <dd>−{price(order.coupon.discount)}</dd>
          </div>
        )}
        <div className="totals-total">
          <dt>Total</dt>
          <dd>{price(order.total)}</dd>
        </div>
      </dl>
    </section>
  );
}

function OtherOrders({ orders }: { orders: readonly Order[] }) {
  if (orders.length === 0) return null;
  return (
    <section aria-labelledby="others-title" className="other-orders">
      <h2 id="others-title">Your other orders</h2>
      <ul>
        {orders.map((order) => (
          <li key={order.orderId}>
            <Link to={`/orders/${order.orderId}`}>Order {shortId(order)}</Link>
            <span className="quiet">
              {' '}
              {order.status}, {price(order.total)}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}

/** Enough of the id to tell one's own orders apart. */
export function shortId(order: Pick<Order, 'orderId'>): string {
  return order.orderId.slice(0, 8).toUpperCase();
}

function when(ms: number): string {
  return new Date(ms).toLocaleString('en-IE', { dateStyle: 'long', timeStyle: 'short' });
}
