import { useEffect } from 'react';
import { Link } from 'react-router';
import type { Cart } from '../api.ts';
import { Empty, Loading } from '../layout/states.tsx';
import { useLive } from '../live.tsx';
import { hit } from '../tag.ts';
import { CartLineRow } from './cart-line.tsx';
import { CouponForm } from './coupon-form.tsx';
import { Totals } from './totals.tsx';
import './cart.css';

export function CartScreen() {
  const { me } = useLive();
  useEffect(() => hit('cart'), []);
  return (
    <>
      <title>Cart · Streamside</title>
      <h1>Your cart</h1>
      {me ? <Content cart={me.cart} /> : <Skeleton />}
    </>
  );
}

function Content({ cart }: { cart: Cart }) {
  if (cart.lines.length === 0) {
    return (
      <Empty title="Nothing in it yet">
        <p>Whatever you put in stays here while you look around.</p>
        <Link className="button" to="/">
          Look around
        </Link>
      </Empty>
    );
  }
  return (
    <div className="with-aside">
      <ul className="cart-lines">
        {cart.lines.map((line) => (
          <CartLineRow key={line.sku} line={line} />
        ))}
      </ul>
      <aside className="slip" aria-label="Totals">
        <Totals cart={cart} />
        <Link className="button button-large" to="/checkout" data-testid="checkout-link">
          To the checkout
        </Link>
        {/* It goes when a coupon counts: nothing below moves with it. */}
        <CouponForm coupon={cart.coupon} />
      </aside>
    </div>
  );
}

function Skeleton() {
  return (
    <Loading className="with-aside">
      <div className="cart-lines">
        <div className="skeleton skeleton-row" />
        <div className="skeleton skeleton-row" />
      </div>
      <div className="skeleton skeleton-block" />
    </Loading>
  );
}
