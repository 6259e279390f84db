import { createContext, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import { Link, useLocation } from 'react-router';
import { useLive } from '../live.tsx';
import { hit } from '../tag.ts';
import { CartLineRow } from './cart-line.tsx';
import { Totals } from './totals.tsx';
import './cart.css';

const DrawerContext = createContext<{ open: boolean; show(): void; hide(): void } | null>(null);
/** Pages that are the cart already. */
const CART_PAGES = ['/cart', '/checkout'];

/** The cart beside whatever page one is on: it can be looked at without leaving. */
export function useCartDrawer() {
  const drawer = useContext(DrawerContext);
  if (!drawer) throw new Error('useCartDrawer needs a CartDrawerProvider above it.');
  return drawer;
}

export function CartDrawerProvider({ children }: { children: ReactNode }) {
  const { pathname } = useLocation();
  const [openOn, setOpenOn] = useState<string | null>(null);
  // Whoever comes back to the page finds it closed, too.
  if (openOn !== null && openOn !== pathname) setOpenOn(null);
  const drawer = useMemo(
    () => ({
      // On another page it is closed.
      open: openOn === pathname && !CART_PAGES.includes(pathname),
      show: () => setOpenOn(pathname),
      hide: () => setOpenOn(null),
    }),
    [openOn, pathname],
  );
  return (
    <DrawerContext value={drawer}>
      {children}
      {drawer.open && <CartDrawer onClose={drawer.hide} />}
    </DrawerContext>
  );
}

function CartDrawer({ onClose }: { onClose(): void }) {
  const { me } = useLive();
  const title = useFocusMeanwhile();
  useEffect(() => hit('cart'), []);
  const lines = me?.cart.lines ?? [];
  // A line that goes takes the focus with it.
  useEffect(() => {
    if (document.activeElement === document.body) title.current?.focus({ preventScroll: true });
  }, [lines.length, title]);
  return (
    <aside
      role="dialog"
      aria-labelledby="cart-drawer-title"
      className="cart-drawer"
      data-testid="cart-drawer"
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        event.stopPropagation(); // A coupon that is open too stays.
        onClose();
      }}
    >
      <header className="cart-drawer-header">
        <h2 ref={title} id="cart-drawer-title" tabIndex={-1}>
          Your cart
        </h2>
        <button
          type="button"
          className="link-button"
          data-testid="cart-drawer-close"
          onClick={onClose}
        >
          Close
        </button>
      </header>
      {lines.length === 0 || !me ? (
        <p className="quiet">Nothing in it yet. Whatever you put in stays here.</p>
      ) : (
        <>
          <ul className="cart-lines">
            {lines.map((line) => (
              <CartLineRow key={line.sku} line={line} />
            ))}
          </ul>
          <Totals cart={me.cart} />
          <Link className="button button-large" to="/checkout" data-testid="checkout-link">
            To the checkout
          </Link>
          <Link to="/cart">The whole cart, and coupons</Link>
        </>
      )}
    </aside>
  );
}

/** Takes the focus, and gives it back at the end to whoever had it. */
function useFocusMeanwhile() {
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    const drawer = title.current?.closest('aside');
    title.current?.focus({ preventScroll: true });
    return () => {
      const active = document.activeElement;
      if (active === document.body || drawer?.contains(active)) {
        before?.focus({ preventScroll: true });
      }
    };
  }, []);
  return title;
}
