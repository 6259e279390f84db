import { memo, useEffect, useState } from 'react';
import { EventDetails } from './event-details.tsx';
import { placeOf } from './story.ts';
import type { Landed } from './story.ts';
import { age, lagOf, span } from './words.ts';

/** The events as they landed, newest first. */
export function LogList({ events }: { events: readonly Landed[] }) {
  const [topic, setTopic] = useState<string | null>(null);
  const [open, setOpen] = useState<string | null>(null);
  const now = useSeconds();
  const topics = [...new Set(events.map((landed) => landed.topic))].toSorted();
  const shown = events.filter((landed) => topic === null || landed.topic === topic).toReversed();
  return (
    <>
      <div className="log-tools log-topics" role="group" aria-label="Topics">
        {[null, ...topics].map((name) => (
          <button
            key={name}
            type="button"
            className="log-chip"
            aria-pressed={topic === name}
            data-testid={`log-topic-${name ?? 'all'}`}
            onClick={() => setTopic(name)}
          >
            {name ?? 'all'}
          </button>
        ))}
      </div>
      <p className="log-columns" aria-hidden="true">
        <span>event</span>
        <span>place</span>
        <span>to the log</span>
        <span>age</span>
      </p>
      <ol className="log-scroll log-list" data-testid="log-list">
        {shown.map((landed) => {
          const place = placeOf(landed);
          return (
            <Row
              key={place}
              landed={landed}
              age={age(now - landed.landedAt)}
              open={open === place}
              toggle={setOpen}
            />
          );
        })}
      </ol>
    </>
  );
}

interface RowProps {
  landed: Landed;
  age: string;
  open: boolean;
  toggle(place: string | null): void;
}

const Row = memo(function Row({ landed, age, open, toggle }: RowProps) {
  const place = placeOf(landed);
  return (
    <li data-testid="log-row" data-type={landed.event.type}>
      <button
        type="button"
        className="log-row"
        aria-expanded={open}
        onClick={() => toggle(open ? null : place)}
      >
        <strong>{landed.event.type}</strong>
        <code>{place}</code>
        <span>{span(lagOf(landed))}</span>
        <span>{age}</span>
      </button>
      {open && <EventDetails landed={landed} />}
    </li>
  );
});

/** The time, ms; a second later it is another. */
function useSeconds(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = window.setInterval(() => setNow(Date.now()), 1000);
    return () => window.clearInterval(timer);
  }, []);
  return now;
}
