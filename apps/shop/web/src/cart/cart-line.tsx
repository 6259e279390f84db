import { Link } from 'react-router';
import { api } from '../api.ts';
import type { CartLine, Me } from '../api.ts';
import { Pebble } from '../catalogue/pebble.tsx';
import { useLive } from '../live.tsx';
import { price } from '../money.ts';
import { useNotify } from '../notice.tsx';
import { useAvailable } from '../stock.ts';

export function CartLineRow({ line }: { line: CartLine }) {
  const { changeCart } = useLive();
  const notify = useNotify();
  const available = useAvailable(line.sku);
  const short = available !== undefined && available < line.quantity;

  const change = async (command: () => Promise<Me>) => {
    try {
      const cart = await changeCart(command);
      const left = cart.lines.find((other) => other.sku === line.sku)?.quantity ?? 0;
      notify(left > 0 ? `${line.name}: ${left} in the cart.` : `${line.name} is out of the cart.`);
    } catch (error) {
      notify(`${line.name} is unchanged. ${(error as Error).message}`, 'problem');
    }
  };
  const { sku, name, quantity, unitPrice } = line;
  const remove = async () => {
    try {
      await changeCart(() => api.removeFromCart(sku));
      const undo = { label: 'Undo', run: () => change(() => api.addToCart(sku, quantity)) };
      notify(`${name} is out of the cart.`, 'plain', undo);
    } catch (error) {
      notify(`${name} is unchanged. ${(error as Error).message}`, 'problem');
    }
  };
  return (
    <li className="cart-line" data-testid="cart-line" data-sku={sku}>
      <Pebble picture={line.picture} sku={sku} />
      <div className="cart-line-name">
        <Link to={`/products/${sku}`}>{name}</Link>
        <p className="quiet">{price(unitPrice)} each</p>
        {short && <p className="stock stock-few">{shortage(available)}</p>}
      </div>
      <div className="quantity" role="group" aria-label={`Quantity of ${name}`}>
        <button
          type="button"
          aria-label={`One ${name} less`}
          onClick={() => (quantity === 1 ? remove() : change(() => api.removeFromCart(sku, 1)))}
        >
          −
        </button>
        <span>{quantity}</span>
        <button
          type="button"
          aria-label={`One ${name} more`}
          onClick={() => change(() => api.addToCart(sku))}
        >
          +
        </button>
      </div>
      <p className="cart-line-total">
        {price({ ...unitPrice, cents: unitPrice.cents * quantity })}
      </p>
      <button type="button" className="link-button" aria-label={`Remove ${name}`} onClick={remove}>
        Remove
      </button>
    </li>
  );
}

function shortage(available: number): string {
  return available > 0 ? `Only ${available} left just now` : 'Sold out just now';
}
