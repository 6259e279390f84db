import { useState } from 'react';
import { api } from '../api.ts';
import type { Product } from '../api.ts';
import { useLive } from '../live.tsx';
import { useNotify } from '../notice.tsx';
import { useAvailable } from '../stock.ts';
import { useCartDrawer } from './cart-drawer.tsx';

export function AddToCart({ product, large = false }: { product: Product; large?: boolean }) {
  const { changeCart } = useLive();
  const notify = useNotify();
  const { show } = useCartDrawer();
  const available = useAvailable(product.sku) ?? product.available;
  const [pending, setPending] = useState(0);

  const add = async () => {
    setPending((n) => n + 1);
    try {
      const cart = await changeCart(() => api.addToCart(product.sku));
      if (large) return show();
      const quantity = cart.lines.find((line) => line.sku === product.sku)?.quantity ?? 1;
      const text = `${product.name} is in your cart${quantity > 1 ? `, ${quantity} of it` : ''}.`;
      notify(text, 'plain', { label: 'Show it', run: show });
    } catch (error) {
      notify(`${product.name} was not added. ${(error as Error).message}`, 'problem');
    } finally {
      setPending((n) => n - 1);
    }
  };
  return (
    <button
      type="button"
      className={large ? 'button button-large' : 'button button-add'}
      data-testid="add-to-cart"
      disabled={available <= 0}
      aria-busy={pending > 0}
      aria-label={large ? undefined : `Add ${product.name} to the cart`}
      onClick={add}
    >
      {available > 0 ? (large ? 'Add to cart' : 'Add') : 'Sold out'}
    </button>
  );
}
