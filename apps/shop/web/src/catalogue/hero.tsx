import { api } from '../api.ts';
import { useLoad } from '../load.ts';
import { stockLoaded } from '../stock.ts';
import { CardSkeletons, ProductCard } from './product-card.tsx';

const SHOWN = 6;

/** The shop introduces itself, with what others look at just now. */
export function Hero() {
  const { data, error } = useLoad('popular', async () => {
    const answer = await api.popular();
    stockLoaded(answer.products);
    return answer;
  });
  const popular = data?.products.slice(0, SHOWN);
  const title = popular?.every(({ popularity }) => popularity === 0)
    ? 'To begin with'
    : 'Popular now';
  return (
    <section className="hero" aria-labelledby="hero-title">
      <div className="hero-words">
        <h1 id="hero-title">Small good things, carried down the stream.</h1>
        <p>
          For the kitchen, the garden and days out. What you see in stock is in stock, this very
          second.
        </p>
      </div>
      {/* Nobody misses what is popular when it cannot be read; the shelves are below. */}
      {!error && popular?.length !== 0 && (
        <div className="popular">
          <h2>{title}</h2>
          {popular ? (
            <ul className="product-row" tabIndex={0} aria-label={title}>
              {popular.map((product) => (
                <li key={product.sku}>
                  <ProductCard product={product} />
                </li>
              ))}
            </ul>
          ) : (
            <CardSkeletons count={SHOWN} row />
          )}
        </div>
      )}
    </section>
  );
}
