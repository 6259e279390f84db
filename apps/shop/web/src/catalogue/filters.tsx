import { Link, useNavigate } from 'react-router';
import type { Catalogue } from '../api.ts';
import { centsOf, typedFrom } from '../money.ts';
import { Pebble } from './pebble.tsx';

interface Props {
  params: URLSearchParams;
  categories: Catalogue['categories'] | undefined;
}

export function Filters({ params, categories }: Props) {
  return (
    <div className="filters">
      <Categories params={params} categories={categories} pictured={params.size === 0} />
      <PriceAndOrder key={params.toString()} params={params} />
    </div>
  );
}

/** How many categories a shop of this kind has: the room they take until they are known. */
const USUAL = 13;

/** Who has asked for nothing yet is shown what there is; later a word is enough. */
function Categories({ params, categories, pictured }: Props & { pictured: boolean }) {
  const chosen = params.get('category');
  const link = (name: string | null, text: string, count?: number, picture?: string) => (
    <li key={text}>
      <Link to={address(params, { category: name })} aria-current={chosen === name || undefined}>
        {pictured && picture && <Pebble picture={picture} sku={text} />}
        <span className="name">{text}</span>
        {count !== undefined && <span className="count"> {count}</span>}
      </Link>
    </li>
  );
  return (
    <nav aria-label="Categories">
      <ul className={pictured ? 'tiles' : 'chips'}>
        {!pictured && link(null, 'All')}
        {categories
          ? categories.map(({ name, count, picture }) => link(name, name, count, picture))
          : Array.from({ length: USUAL }, (_, i) => (
              <li key={i} className="skeleton" aria-hidden="true" />
            ))}
      </ul>
    </nav>
  );
}

function PriceAndOrder({ params }: { params: URLSearchParams }) {
  const navigate = useNavigate();
  const change = (form: HTMLFormElement) => {
    const fields = new FormData(form);
    const typed = (name: string) => centsOf(String(fields.get(name)))?.toString() ?? null;
    const sort = String(fields.get('sort'));
    const chosen = { minCents: typed('min'), maxCents: typed('max'), sort: sort || null };
    navigate(address(params, chosen), { preventScrollReset: true });
  };
  return (
    <form
      className="price-and-order"
      onSubmit={(event) => {
        event.preventDefault();
        change(event.currentTarget);
      }}
    >
      <Amount name="min" label="From €" cents={params.get('minCents')} />
      <Amount name="max" label="To €" cents={params.get('maxCents')} />
      <label>
        Order by
        <select
          name="sort"
          defaultValue={params.get('sort') ?? ''}
          onChange={(event) => change(event.currentTarget.form!)}
        >
          <option value="">Best match</option>
          <option value="price">Price, low first</option>
          <option value="-price">Price, high first</option>
          <option value="name">Name</option>
        </select>
      </label>
      <button type="submit" className="button button-quiet">
        Apply
      </button>
    </form>
  );
}

function Amount({ name, label, cents }: { name: string; label: string; cents: string | null }) {
  return (
    <label>
      {label}
      <input
        name={name}
        inputMode="decimal"
        size={5}
        pattern="\s*\d{1,6}([.,]\d{1,2})?\s*"
        title="An amount in euros, such as 12 or 12.50"
        defaultValue={cents ? typedFrom(Number(cents)) : ''}
      />
    </label>
  );
}

/** The address of the same choice with some of it changed; a changed choice starts at page 1. */
function address(params: URLSearchParams, changes: Record<string, string | null>): string {
  const next = new URLSearchParams(params);
  next.delete('page');
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) next.delete(name);
    else next.set(name, value);
  }
  return next.size > 0 ? `/?${next}` : '/';
}
