import { createContext, useCallback, useContext, useEffect, useState } from 'react';
import type { ReactNode } from 'react';

type Tone = 'plain' | 'problem';
/** What can be done about it, as long as the sentence stands. */
interface Action {
  label: string;
  run(): void;
}
type Notify = (text: string, tone?: Tone, action?: Action) => void;

const NoticeContext = createContext<Notify>(() => {});
const SHOWN_MS = 6000;
/** With something to do it stands for longer: a keyboard takes a while to get there. */
const SHOWN_WITH_ACTION_MS = 12_000;

/** Says a sentence to everybody: shown for a while, and read out by screen readers. */
export function useNotify(): Notify {
  return useContext(NoticeContext);
}

interface Notice {
  text: string;
  tone: Tone;
  action: Action | undefined;
}

export function NoticeProvider({ children }: { children: ReactNode }) {
  const [notice, setNotice] = useState<Notice | null>(null);
  const notify = useCallback<Notify>(
    (text, tone = 'plain', action) => setNotice({ text, tone, action }),
    [],
  );

  useEffect(() => {
    if (!notice) return;
    const timer = window.setTimeout(
      () => setNotice(null),
      notice.action ? SHOWN_WITH_ACTION_MS : SHOWN_MS,
    );
    return () => window.clearTimeout(timer);
  }, [notice]);

  return (
    <NoticeContext value={notify}>
      {children}
      {/* The region is always there: one that appears with its text is not read out. */}
      <div className="notice-region" role="status">
        {notice && (
          <p className={`notice notice-${notice.tone}`}>
            {notice.text}
            {notice.action && <ActionButton action={notice.action} done={() => setNotice(null)} />}
          </p>
        )}
      </div>
    </NoticeContext>
  );
}

function ActionButton({ action, done }: { action: Action; done(): void }) {
  return (
    <button
      type="button"
      className="notice-action"
      data-testid="notice-action"
      onClick={() => {
        done();
        action.run();
      }}
    >
      {action.label}
    </button>
  );
}
