import { useLayoutEffect, useRef } from 'react';
import { Route, Routes, useLocation, useNavigationType } from 'react-router';
import { CartDrawerProvider } from './cart/cart-drawer.tsx';
import { CartScreen } from './cart/cart.tsx';
import { CatalogueScreen } from './catalogue/catalogue.tsx';
import { CheckoutScreen } from './checkout/checkout.tsx';
import { ConnectionBar } from './layout/connection-bar.tsx';
import { Footer } from './layout/footer.tsx';
import { Header } from './layout/header.tsx';
import { NotFound } from './layout/states.tsx';
import { LogHandle } from './log/log-handle.tsx';
import { OfferPopup } from './offer/offer-popup.tsx';
import { OrderNews } from './order/order-news.tsx';
import { OrderScreen } from './order/order.tsx';
import { ProductScreen } from './product/product.tsx';
import { hit } from './tag.ts';
import './layout/layout.css';

export function App() {
  const main = useRef<HTMLElement>(null);
  useRouteChange(main);
  return (
    <CartDrawerProvider>
      <a className="skip-link" href="#main">
        Skip to the goods
      </a>
      <Header />
      <ConnectionBar />
      <main id="main" ref={main} tabIndex={-1}>
        <Routes>
          <Route path="/" element={<CatalogueScreen />} />
          <Route path="/products/:sku" element={<ProductScreen />} />
          <Route path="/cart" element={<CartScreen />} />
          <Route path="/checkout" element={<CheckoutScreen />} />
          <Route path="/orders/:orderId" element={<OrderScreen />} />
          <Route
            path="*"
            element={<NotFound title="Nothing lives here">This page is not in the shop.</NotFound>}
          />
        </Routes>
      </main>
      <Footer />
      <LogHandle />
      <OrderNews />
      <OfferPopup />
    </CartDrawerProvider>
  );
}

/** What a page load does by itself elsewhere: count the view, go to the top, move the focus. */
function useRouteChange(main: React.RefObject<HTMLElement | null>): void {
  const { pathname } = useLocation();
  const navigation = useNavigationType();
  const seen = useRef<string>(undefined);

  // In the layout phase, so that the view is counted before what a screen says of itself.
  useLayoutEffect(() => {
    if (seen.current === pathname) return;
    const first = seen.current === undefined;
    seen.current = pathname;
    hit('pageview');
    if (first) return;
    // Going back keeps the browser's own scroll position.
    if (navigation !== 'POP') window.scrollTo(0, 0);
    main.current?.focus({ preventScroll: true });
  }, [pathname, navigation, main]);
}
