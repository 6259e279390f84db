import { useEffect, useRef } from 'react';
import { Link, useLocation, useNavigate, useNavigationType, useSearchParams } from 'react-router';
import { useCartDrawer } from '../cart/cart-drawer.tsx';
import { useLive } from '../live.tsx';

export function Header() {
  const { me } = useLive();
  const newest = me?.orders[0];
  return (
    <header className="header">
      <div className="header-inner">
        <Link to="/" className="brand">
          <Mark />
          Streamside
        </Link>
        <Search />
        <nav className="header-nav" aria-label="Your things">
          {newest && <Link to={`/orders/${newest.orderId}`}>Orders</Link>}
          <CartLink />
        </nav>
      </div>
      <div className="header-stream" aria-hidden="true" />
    </header>
  );
}

/** So long after the last letter the shelves are asked, when one stands before them. */
const TYPING_MS = 250;

/** What the history keeps of a place that the box has led to. */
const SEARCHED = 'searched';

function Search() {
  const [params] = useSearchParams();
  const { pathname, state } = useLocation();
  const navigate = useNavigate();
  const input = useRef<HTMLInputElement>(null);
  const typing = useRef<number>(undefined);
  const query = pathname === '/' ? (params.get('q') ?? '') : '';
  const isOwn = useNavigationType() !== 'POP' && state === SEARCHED;

  // Back, forward and links change what stands in the box. What the box has led to does not: by now
  // there may be more letters in it.
  useEffect(() => {
    const box = input.current;
    if (box && !isOwn && box.value.trim() !== query) box.value = query;
  }, [query, isOwn]);
  useEffect(() => () => window.clearTimeout(typing.current), []);

  const search = (text: string, replace: boolean) => {
    window.clearTimeout(typing.current);
    const q = text.trim();
    if (q === query && pathname === '/') return;
    navigate(q ? `/?${new URLSearchParams({ q })}` : '/', { replace, state: SEARCHED });
  };
  const type = (text: string) => {
    window.clearTimeout(typing.current);
    if (pathname !== '/') return; // Elsewhere nobody is taken away from a page in the middle of a word.
    // The letters of one search are one step back, also when the box was empty in between.
    const goesOn = query !== '' || state === SEARCHED;
    typing.current = window.setTimeout(() => search(text, goesOn), TYPING_MS);
  };
  return (
    <form
      role="search"
      className="search"
      onSubmit={(event) => {
        event.preventDefault();
        search(input.current!.value, false);
      }}
    >
      <label className="visually-hidden" htmlFor="search">
        Search the shop
      </label>
      <input
        ref={input}
        id="search"
        name="q"
        type="search"
        placeholder="Lantern, honey, boots…"
        defaultValue={query}
        onChange={(event) => type(event.currentTarget.value)}
        maxLength={200}
        autoComplete="off"
      />
      <button type="submit" aria-label="Search">
        <svg viewBox="0 0 24 24" width="20" height="20" aria-hidden="true">
          <circle cx="10.5" cy="10.5" r="6.5" />
          <path d="m15.5 15.5 5 5" />
        </svg>
      </button>
    </form>
  );
}

function CartLink() {
  const { me } = useLive();
  const { pathname } = useLocation();
  const { show } = useCartDrawer();
  const count = me?.cart.lines.reduce((sum, line) => sum + line.quantity, 0) ?? 0;
  return (
    <Link
      to="/cart"
      className="cart-link"
      data-testid="cart-link"
      onClick={(event) => {
        // In another tab it is a page.
        if (pathname === '/cart' || event.metaKey || event.ctrlKey || event.shiftKey) return;
        event.preventDefault();
        show();
      }}
    >
      Cart
      {count > 0 && (
        <>
          {/* A new key draws a new element, so that the change can be seen. */}
          <span key={count} className="cart-count" aria-hidden="true">
            {count}
          </span>
          <span className="visually-hidden">, {count === 1 ? '1 thing' : `${count} things`}</span>
        </>
      )}
    </Link>
  );
}

function Mark() {
  return (
    <svg className="mark" viewBox="0 0 32 24" width="32" height="24" aria-hidden="true">
      <path d="M2 8c4.7-5 9.3-5 14 0s9.3 5 14 0M2 17c4.7-5 9.3-5 14 0s9.3 5 14 0" />
    </svg>
  );
}
