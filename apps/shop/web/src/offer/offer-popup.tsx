import { useEffect, useRef, useState } from 'react';
import { api } from '../api.ts';
import type { Offer } from '../api.ts';
import { useLive } from '../live.tsx';
import { useNotify } from '../notice.tsx';
import { hit } from '../tag.ts';
import { dismissedOffers, offerIsDismissed, offerIsShown, offerShownAt } from './offer-memory.ts';
import { offerToShow, thingsIn, timeLeft } from './offer-rules.ts';
import './offer.css';

/** Shows the coupon that the shop offers this visitor, while it is good. */
export function OfferPopup() {
  const { me } = useLive();
  const [dismissed, setDismissed] = useState(dismissedOffers);
  const [, setLooks] = useState(0);
  const typing = useTyping();
  const offer = offerToShow(me, dismissed, Date.now());
  const dismiss = ({ code }: Offer) => {
    hit('offer-dismissed', { code });
    offerIsDismissed(code);
    setDismissed(dismissedOffers());
  };
  return (
    <>
      {/* Who is typing hears of the coupon here, and sees it afterwards. */}
      <p role="status" className="visually-hidden">
        {offer && `A coupon for you: ${offer.percent}% off your cart.`}
      </p>
      {offer && me && !typing && (
        <Ticket
          key={offer.code}
          offer={offer}
          things={thingsIn(me.cart)}
          onDismiss={() => dismiss(offer)}
          onOver={() => setLooks((n) => n + 1)}
        />
      )}
    </>
  );
}

function Ticket(props: { offer: Offer; things: string; onDismiss(): void; onOver(): void }) {
  const { offer, things, onDismiss, onOver } = props;
  const { since, problem, pending, use } = useTicket(offer);
  const dialog = useDialogFocus(onDismiss);
  return (
    <div
      ref={dialog}
      role="dialog"
      aria-labelledby="offer-title"
      aria-describedby="offer-text"
      tabIndex={-1}
      className="offer"
      data-testid="offer-popup"
    >
      <p id="offer-title" className="offer-title">
        <strong>{offer.percent}% off</strong> your cart
      </p>
      <p id="offer-text" className="offer-text">
        Before you float away: {things} for {offer.percent}% less, if you order while this lasts.
      </p>
      <TimeLeft offer={offer} since={since} onOver={onOver} />
      {problem && (
        <p className="problem" role="alert">
          {problem}
        </p>
      )}
      <div className="offer-buttons">
        <button
          type="button"
          className="button"
          data-testid="offer-apply"
          aria-disabled={pending}
          onClick={use}
        >
          Use it
        </button>
        <button
          type="button"
          className="button button-quiet"
          data-testid="offer-dismiss"
          onClick={onDismiss}
        >
          Not now
        </button>
      </div>
    </div>
  );
}

/** Tells the log that an offer was shown and taken. Once it counts, its ticket goes by itself. */
function useTicket({ code, percent }: Offer) {
  const { changeCart } = useLive();
  const notify = useNotify();
  const [problem, setProblem] = useState<string>();
  const [pending, setPending] = useState(false);
  const [since] = useState(() => offerShownAt(code) ?? Date.now());
  useEffect(() => {
    // After a reload, or in another tab, the same coupon is not shown anew, but still.
    if (offerShownAt(code) !== undefined) return;
    offerIsShown(code, since);
    hit('offer-shown', { code });
  }, [code, since]);

  const use = async () => {
    if (pending) return;
    setPending(true);
    hit('offer-clicked', { code });
    try {
      await changeCart(() => api.applyCoupon(code));
      notify(`${percent}% off: coupon ${code} counts now.`);
    } catch (error) {
      setProblem((error as Error).message);
      setPending(false);
    }
  };
  return { since, problem, pending, use };
}

function TimeLeft(props: { offer: Offer; since: number; onOver(): void }) {
  const { offer, since, onOver } = props;
  const [now, setNow] = useState(Date.now);
  const left = offer.expiresAt - now;
  const whole = offer.expiresAt - since;

  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  useEffect(() => {
    if (left <= 0) onOver();
  });
  return (
    <div className="offer-time">
      <div className="offer-bar" aria-hidden="true">
        <div style={{ transform: `scaleX(${Math.max(0, Math.min(1, left / whole))})` }} />
      </div>
      <p>
        <code>{offer.code}</code>
        <span role="timer" aria-label="Time left">
          {timeLeft(left)}
        </span>
      </p>
    </div>
  );
}

const FIELDS = 'input:not([type=radio], [type=checkbox]), textarea, select';

/** Is the focus in a field? A form that is being filled in is not to be covered. */
function useTyping(): boolean {
  const [typing, setTyping] = useState(() => document.activeElement?.matches(FIELDS) ?? false);
  useEffect(() => {
    const look = () => setTyping(document.activeElement?.matches(FIELDS) ?? false);
    // While the focus goes from one to another it is nowhere.
    const later = () => window.setTimeout(look);
    document.addEventListener('focusin', look);
    document.addEventListener('focusout', later);
    return () => {
      document.removeEventListener('focusin', look);
      document.removeEventListener('focusout', later);
    };
  }, []);
  return typing;
}

/**
 * Takes the focus, gives it back at the end, and closes on Escape. The
 * page stays usable all the while.
 */
function useDialogFocus(onEscape: () => void) {
  const dialog = useRef<HTMLDivElement>(null);
  const escape = useRef(onEscape);
  escape.current = onEscape;

  useEffect(() => {
    const before = document.activeElement as HTMLElement | null;
    dialog.current?.focus({ preventScroll: true });
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') escape.current();
    };
    document.addEventListener('keydown', onKey);
    const element = dialog.current;
    return () => {
      document.removeEventListener('keydown', onKey);
      const inside =
        element?.contains(document.activeElement) || document.activeElement === document.body;
      if (inside) before?.focus({ preventScroll: true });
    };
  }, []);
  return dialog;
}
