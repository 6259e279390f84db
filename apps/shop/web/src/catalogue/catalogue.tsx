import { useEffect, useRef } from 'react';
import { Link, useSearchParams } from 'react-router';
import { api } from '../api.ts';
import type { Catalogue } from '../api.ts';
import { Empty, Failed } from '../layout/states.tsx';
import { useLoad } from '../load.ts';
import { stockLoaded } from '../stock.ts';
import { hit } from '../tag.ts';
import { Filters } from './filters.tsx';
import { Hero } from './hero.tsx';
import { Pages } from './pages.tsx';
import { CardSkeletons, ProductCard } from './product-card.tsx';
import './catalogue.css';

const filters = ['q', 'category', 'minCents', 'maxCents', 'sort', 'page'];

/** The whole choice stands in the address, so that it can be shared and gone back to. */
export function CatalogueScreen() {
  const [params] = useSearchParams();
  const asked = new URLSearchParams();
  for (const name of filters) if (params.get(name)) asked.set(name, params.get(name)!);
  const query = asked.get('q') ?? '';
  const { data, error, retry } = useLoad(`products?${asked}`, async () => {
    const answer = await api.products(asked.toString());
    stockLoaded(answer.products);
    return answer;
  });
  useSearchHit(query, data);
  // Between the letters of a search the last shelves stay, rather than to flash.
  const last = useRef(data);
  if (data) last.current = data;
  const shown = data ?? last.current;

  return (
    <>
      <title>{query ? `“${query}” · Streamside` : 'Streamside'}</title>
      {asked.size === 0 ? <Hero /> : <h1 className="visually-hidden">The shop</h1>}
      <section className="catalogue" aria-labelledby="catalogue-title">
        <header className="catalogue-header">
          <Heading query={query} category={asked.get('category')} />
          <p role="status" className="quiet">
            {shown && found(shown.total)}
          </p>
        </header>
        <Filters params={asked} categories={shown?.categories} />
        {error && <Failed error={error} retry={retry} />}
        {!error && !shown && <CardSkeletons count={12} />}
        {!error && shown && <Results data={shown} params={asked} />}
      </section>
    </>
  );
}

function Heading({ query, category }: { query: string; category: string | null }) {
  const text = query ? `Found for “${query}”` : (category ?? 'Everything on the shelves');
  return <h2 id="catalogue-title">{text}</h2>;
}

function Results({ data, params }: { data: Catalogue; params: URLSearchParams }) {
  if (data.products.length === 0) {
    return (
      <Empty title="Nothing here by that name">
        <p>Try fewer words, another price, or all categories.</p>
        <Link className="button" to="/">
          Show everything
        </Link>
      </Empty>
    );
  }
  return (
    <>
      <ul className="product-grid">
        {data.products.map((product) => (
          <li key={product.sku}>
            <ProductCard product={product} />
          </li>
        ))}
      </ul>
      <Pages data={data} params={params} />
    </>
  );
}

/** Somebody who pauses for so long has searched for what stands there. */
const SETTLED_MS = 800;

/** A search counts once, with what it found; neither a letter on the way nor a further page is one. */
function useSearchHit(query: string, data: Catalogue | undefined): void {
  const results = data?.total;
  const answered = results !== undefined;
  const untold = useRef<() => void>(undefined);
  useEffect(() => {
    untold.current = undefined;
    if (!query || results === undefined) return;
    untold.current = () => {
      untold.current = undefined;
      hit('search', { query, results });
    };
    const settled = window.setTimeout(untold.current, SETTLED_MS);
    return () => window.clearTimeout(settled);
    // Not again when the number changes under the same words.
  }, [query, answered]);
  // Whoever has found it sooner and goes there has searched as well.
  useEffect(() => () => untold.current?.(), []);
}

function found(total: number): string {
  return total === 1 ? '1 thing' : `${total} things`;
}
