import '@fontsource-variable/bricolage-grotesque/wght.css';
import '@fontsource-variable/figtree/wght.css';
import './design/tokens.css';
import './design/base.css';
import './design/controls.css';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { BrowserRouter } from 'react-router';
import { App } from './app.tsx';
import { LiveProvider } from './live.tsx';
import { NoticeProvider } from './notice.tsx';

// A page that did not come from the shop itself (vite dev, a cache) brings no visitor cookie. The
// first requests go out together, and each would then be another visitor.
if (!/(?:^|; )visitor=/.test(document.cookie)) await fetch('/api/me').catch(() => {});

createRoot(document.getElementById('root')!).render(
  <StrictMode>
    <BrowserRouter>
      <LiveProvider>
        <NoticeProvider>
          <App />
        </NoticeProvider>
      </LiveProvider>
    </BrowserRouter>
  </StrictMode>,
);
