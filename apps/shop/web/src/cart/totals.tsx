import type { Cart } from '../api.ts';
import { price } from '../money.ts';

export function Totals({ cart }: { cart: Cart }) {
  return (
    <dl className="totals">
      <div>
        <dt>Goods</dt>
        <dd>{price(cart.subtotal)}</dd>
      </div>
      {cart.coupon && (
        <div className="totals-discount">
          <dt>
            Coupon {cart.coupon.code}, {cart.coupon.percent}% off
          </dt>
          <dd>−{price(cart.discount)}</dd>
        </div>
      )}
      <div>
        <dt>Delivery</dt>
        <dd>free</dd>
      </div>
      <div className="totals-total">
        <dt>Total</dt>
        <dd>{price(cart.total)}</dd>
      </div>
    </dl>
  );
}
