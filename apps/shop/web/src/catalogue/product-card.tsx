import { Link } from 'react-router';
import type { Product } from '../api.ts';
import { AddToCart } from '../cart/add-to-cart.tsx';
import { Loading } from '../layout/states.tsx';
import { price } from '../money.ts';
import { Pebble } from './pebble.tsx';
import { StockBadge } from './stock-badge.tsx';

export function ProductCard({ product, note }: { product: Product; note?: string }) {
  return (
    <article className="product-card" data-testid="product-card" data-sku={product.sku}>
      <Pebble picture={product.picture} sku={product.sku} />
      <h3 className="product-name">
        <Link to={`/products/${product.sku}`}>{product.name}</Link>
      </h3>
      {note && <p className="quiet">{note}</p>}
      <p className="product-price">{price(product.price)}</p>
      <StockBadge product={product} />
      <AddToCart product={product} />
    </article>
  );
}

export function CardSkeletons({ count, row = false }: { count: number; row?: boolean }) {
  return (
    <Loading className={row ? 'product-row' : 'product-grid'}>
      {Array.from({ length: count }, (_, i) => (
        <div key={i} className="product-card" aria-hidden="true">
          <div className="pebble skeleton" />
          <p className="product-name">
            <span className="skeleton skeleton-word" />
          </p>
          <p className="product-price">
            <span className="skeleton skeleton-word skeleton-short" />
          </p>
          <p className="stock stock-unknown">&nbsp;</p>
        </div>
      ))}
    </Loading>
  );
}
