import { createContext, useContext, useEffect, useMemo, useRef, useState } from 'react';
import type { ReactNode } from 'react';
import type { Cart, Me } from './api.ts';
import { eventLanded, storyCounted } from './log/story.ts';
import { forgetStock, stockChanged } from './stock.ts';

interface Live {
  /** Null until the first message. */
  me: Me | null;
  connection: 'connecting' | 'live' | 'lost';
  /** Counts reconnections: what was loaded under an older number may be out of date. */
  generation: number;
  /** Runs a cart command; its answer counts for the cart alone, the rest comes live. */
  changeCart(command: () => Promise<Me>): Promise<Cart>;
}

const LiveContext = createContext<Live | null>(null);

export function useLive(): Live {
  const live = useContext(LiveContext);
  if (!live) throw new Error('useLive needs a LiveProvider above it.');
  return live;
}

const RETRY_MS = 2000;

/** The one channel from the shop: who I am, my cart, my orders, an offer, all stock changes, and what lands on the log of me. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const [me, setMe] = useState<Me | null>(null);
  const [connection, setConnection] = useState<Live['connection']>('connecting');
  const [generation, setGeneration] = useState(0);
  // One command at a time: an answer is then never older than the cart it replaces.
  const queue = useRef<Promise<unknown>>(Promise.resolve());

  useEffect(() => {
    let first = true;
    return listen({
      onOpen() {
        if (!first) {
          forgetStock();
          setGeneration((n) => n + 1);
        }
        first = false;
        setConnection('live');
      },
      onLost() {
        first = false;
        setConnection('lost');
      },
      onMe: setMe,
    });
  }, []);

  const live = useMemo<Live>(
    () => ({
      me,
      connection,
      generation,
      async changeCart(command) {
        const answer = queue.current.then(command);
        queue.current = answer.catch(() => {});
        const { cart } = await answer;
        setMe((known) => known && { ...known, cart });
        return cart;
      },
    }),
    [me, connection, generation],
  );
  return <LiveContext value={live}>{children}</LiveContext>;
}

interface Listener {
  onOpen(): void;
  onLost(): void;
  onMe(me: Me): void;
}

/**
 * Keeps one EventSource open while the page can be seen. Browsers allow six connections to an
 * origin, so hidden tabs give theirs back: the first message after opening again is everything.
 */
function listen({ onOpen, onLost, onMe }: Listener): () => void {
  let source: EventSource | null = null;
  let retry: number | undefined;

  const close = () => {
    window.clearTimeout(retry);
    source?.close();
    source = null;
  };
  const open = () => {
    close();
    const opened = new EventSource('/api/live');
    source = opened;
    opened.addEventListener('open', onOpen);
    opened.addEventListener('me', (message) => onMe(JSON.parse(message.data)));
    opened.addEventListener('stock', (message) => {
      const { sku, available } = JSON.parse(message.data);
      stockChanged(sku, available);
    });
    opened.addEventListener('story', (message) => storyCounted(JSON.parse(message.data).count));
    opened.addEventListener('landed', (message) => eventLanded(JSON.parse(message.data)));
    opened.addEventListener('error', () => {
      onLost();
      // A browser reconnects by itself unless the answer was an error; then it gives up for good.
      if (opened.readyState === EventSource.CLOSED) retry = window.setTimeout(open, RETRY_MS);
    });
  };
  const follow = () => (document.hidden ? close() : source === null && open());

  follow();
  document.addEventListener('visibilitychange', follow);
  return () => {
    document.removeEventListener('visibilitychange', follow);
    close();
  };
}
