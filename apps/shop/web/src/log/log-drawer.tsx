import { useEffect, useMemo, useRef, useState } from 'react';
import { api } from '../api.ts';
import { Failed, Loading } from '../layout/states.tsx';
import { useLive } from '../live.tsx';
import { useLoad } from '../load.ts';
import { LogChain } from './log-chain.tsx';
import { LogList } from './log-list.tsx';
import { together, useStory } from './story.ts';
import type { Landed } from './story.ts';

const KEY = 'streamside.log-view';
const views = { chain: 'What led to what', list: 'As it landed' } as const;
type View = keyof typeof views;

/** `takeFocus`: somebody has just opened it, rather than a page that was loaded anew. */
export default function LogDrawer(props: { takeFocus: boolean; onClose(): void }) {
  const { takeFocus, onClose } = props;
  const [view, setView] = useState<View>(() =>
    sessionStorage.getItem(KEY) === 'list' ? 'list' : 'chain',
  );
  const title = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    if (takeFocus) title.current?.focus({ preventScroll: true });
  }, []);
  const show = (next: View) => {
    setView(next);
    sessionStorage.setItem(KEY, next);
  };
  return (
    <>
      <header className="log-header">
        <h2 ref={title} tabIndex={-1}>
          What just happened
        </h2>
        <button type="button" className="link-button" data-testid="log-close" onClick={onClose}>
          Close
        </button>
      </header>
      <p className="log-lead">
        What you do becomes an event on one log. Services never call each other: each reads the log
        and answers with events of its own. <code>visitors 3/17</code>: topic, partition/offset.
      </p>
      <Releases />
      <Events view={view} show={show} />
    </>
  );
}

/** Which of the versions that run side by side answers this visitor. */
function Releases() {
  const { me } = useLive();
  if (!me) return null;
  const { recommendations, feedback } = me.releases;
  return (
    <p className="log-releases" data-testid="log-releases">
      You are on <b>recommendations {recommendations}</b> and <b>feedback {feedback}</b>.
    </p>
  );
}

function Events({ view, show }: { view: View; show(view: View): void }) {
  const { connection } = useLive();
  const { data, error, retry } = useLoad('story', api.story);
  const { landed } = useStory();
  const all = useMemo(() => together(data?.events ?? [], landed), [data, landed]);
  const [paused, setPaused] = useState<Landed[] | null>(null);
  const events = paused ?? all;
  const since = all.length - events.length;

  if (error) return <Failed error={error} retry={retry} />;
  if (!data) return <Loading className="skeleton skeleton-block" />;
  return (
    <>
      <div className="log-tools">
        {(Object.keys(views) as View[]).map((name) => (
          <button
            key={name}
            type="button"
            className="log-chip"
            aria-pressed={view === name}
            data-testid={`log-view-${name}`}
            onClick={() => show(name)}
          >
            {views[name]}
          </button>
        ))}
        <button
          type="button"
          className="log-chip log-pause"
          aria-pressed={paused !== null}
          data-testid="log-pause"
          onClick={() => setPaused(paused ? null : all)}
        >
          {paused ? `Go on (${since} new)` : 'Pause'}
        </button>
      </div>
      {connection === 'lost' && (
        <p className="log-lost">
          Connection lost; coming back. Nothing is missed: the log keeps it.
        </p>
      )}
      {events.length === 0 ? (
        <p className="log-empty">
          Nothing yet. Look at a product, or put one in the cart, and see it land here.
        </p>
      ) : view === 'list' ? (
        <LogList events={events} />
      ) : (
        <LogChain events={events} />
      )}
    </>
  );
}
