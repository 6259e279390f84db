import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';

type Tone = 'plain' | 'problem';
type Notify = (text: string, tone?: Tone) => void;

const NoticeContext = createContext<Notify>(() => {});
const SHOWN_MS = 6000;

/** Says a sentence to everybody: shown for a while, and read out by screen readers. */
export function useNotify(): Notify {
  return useContext(NoticeContext);
}

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<{ text: string; tone: Tone } | null>(null);
  const notify = useCallback<Notify>((text, tone = 'plain') => setNotice({ text, tone }), []);

  useEffect(() => {
    if (!notice) return;
    const timer = window.setTimeout(() => setNotice(null), SHOWN_MS);
    return () => window.clearTimeout(timer);
  }, [notice]);

  return (
    <NoticeContext value={notify}>
      {children}
      {/* The region is always there: one that appears with its text is not read out. */}
      <div className="notice-region" role="status">
        {notice && <p className={`notice notice-${notice.tone}`}>{notice.text}</p>}
      </div>
    </NoticeContext>
  );
}
