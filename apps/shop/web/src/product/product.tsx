import { useEffect } from 'react';
import { Link, useParams } from 'react-router';
import { api } from '../api.ts';
import type { ProductPage } from '../api.ts';
import { AddToCart } from '../cart/add-to-cart.tsx';
import { Pebble } from '../catalogue/pebble.tsx';
import { ProductCard } from '../catalogue/product-card.tsx';
import { StockBadge } from '../catalogue/stock-badge.tsx';
import { Failed, Loading, NotFound } from '../layout/states.tsx';
import { useLoad } from '../load.ts';
import { price } from '../money.ts';
import { stockLoaded } from '../stock.ts';
import { hit } from '../tag.ts';
import './product.css';

export function ProductScreen() {
  const { sku = '' } = useParams();
  const { data, error, retry } = useLoad(`products/${sku}`, async () => {
    const product = await api.product(sku);
    stockLoaded([product, ...product.alsoLookedAt]);
    return product;
  });
  const seen = data?.sku;
  useEffect(() => {
    if (seen) hit('product', { sku: seen });
  }, [seen]);

  // 400: an address that is no SKU at all.
  if (error?.status === 404 || error?.status === 400) {
    return <NotFound title="Not on our shelves">We have no product “{sku}”.</NotFound>;
  }
  if (error) return <Failed error={error} retry={retry} />;
  if (!data) return <Skeleton />;
  return (
    <>
      <title>{`${data.name} · Streamside`}</title>
      <Details product={data} />
      <AlsoLookedAt product={data} />
    </>
  );
}

function Details({ product }: { product: ProductPage }) {
  const category = `/?${new URLSearchParams({ category: product.category })}`;
  return (
    <article className="product">
      <Pebble picture={product.picture} sku={product.sku} alt={product.name} large />
      <div className="product-details">
        <nav aria-label="Where you are">
          <Link to="/">Shop</Link> <span aria-hidden="true">/</span>{' '}
          <Link to={category}>{product.category}</Link>
        </nav>
        <h1>{product.name}</h1>
        <p className="product-price">{price(product.price)}</p>
        <p className="product-description">{product.description}</p>
        <StockBadge product={product} spoken />
        <AddToCart product={product} large />
        <p className="quiet">No. {product.sku}</p>
      </div>
    </article>
  );
}

function AlsoLookedAt({ product }: { product: ProductPage }) {
  if (product.alsoLookedAt.length === 0) return null;
  return (
    <section aria-labelledby="also-title" className="also">
      <h2 id="also-title">Others also looked at</h2>
      <ul className="product-row" tabIndex={0} aria-label="Others also looked at">
        {product.alsoLookedAt.map((other) => (
          <li key={other.sku}>
            <ProductCard product={other} note={because(other)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function because({ reason, count }: ProductPage['alsoLookedAt'][number]): string {
  const did = reason === 'bought together' ? 'bought' : 'looked at';
  if (count < 1) return `Often ${did} with it`;
  return count === 1 ? `One shopper ${did} both` : `${count} shoppers ${did} both`;
}

function Skeleton() {
  return (
    <Loading className="product">
      <div className="pebble skeleton" />
      <div className="product-details">
        <div className="skeleton skeleton-line skeleton-short" />
        <div className="skeleton skeleton-title" />
        <div className="skeleton skeleton-line" />
        <div className="skeleton skeleton-line" />
      </div>
    </Loading>
  );
}
