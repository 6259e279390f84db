import { lazy, Suspense, useLayoutEffect, useRef, useState } from 'react';
import { flushSync } from 'react-dom';
import { Loading } from '../layout/states.tsx';
import { useStory } from './story.ts';
import './log.css';

const KEY = 'streamside.log';
const LogDrawer = lazy(() => import('./log-drawer.tsx'));

/** The log, at the edge of every page: a handle, and the drawer it opens. */
export function LogHandle() {
  const { count } = useStory();
  const [open, setOpen] = useState(() => sessionStorage.getItem(KEY) === 'open');
  const [asked, setAsked] = useState(false);
  const handle = useRef<HTMLButtonElement>(null);
  // Before anything is painted: a page that is loaded with an open drawer does not jump.
  useLayoutEffect(() => {
    document.documentElement.classList.toggle('with-log', open);
    sessionStorage.setItem(KEY, open ? 'open' : 'closed');
  }, [open]);

  const close = () => {
    // The handle may only be there once the drawer is not.
    flushSync(() => setOpen(false));
    handle.current?.focus({ preventScroll: true });
  };
  return (
    <>
      <button
        ref={handle}
        type="button"
        className="log-handle"
        data-testid="log-handle"
        aria-expanded={open}
        aria-controls="log-drawer"
        onClick={() => {
          setAsked(!open);
          setOpen(!open);
        }}
      >
        The log
        <span className="log-count">{count}</span>
        <span className="visually-hidden"> events of yours</span>
      </button>
      <aside
        id="log-drawer"
        className="log-drawer"
        aria-label="The log: what just happened"
        data-testid="log-drawer"
        hidden={!open}
        onKeyDown={(event) => {
          if (event.key !== 'Escape') return;
          event.stopPropagation(); // A coupon that is open too stays.
          close();
        }}
      >
        {open && (
          <Suspense fallback={<Loading className="skeleton skeleton-block" />}>
            <LogDrawer takeFocus={asked} onClose={close} />
          </Suspense>
        )}
      </aside>
    </>
  );
}
