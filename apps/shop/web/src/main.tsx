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
