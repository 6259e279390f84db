import { useMemo } from 'react';
import { api } from '../api.ts';
import { useLoad } from '../load.ts';
import { placeOf, together, useStory, writerOf } from '../log/story.ts';
import { sentenceOf, span } from '../log/words.ts';

/** What happened to an order, event by event, as it landed on the log; nothing for one of long ago. */
export function OrderTimeline({ orderId }: { orderId: string }) {
  const { data } = useLoad('story', api.story);
  const { landed } = useStory();
  const events = useMemo(
    () =>
      together(data?.events ?? [], landed).filter(
        ({ event }) => event.data['orderId'] === orderId && event.type !== 'CouponRedeemed',
      ),
    [data, landed, orderId],
  );
  const [first] = events;
  if (!first) return null;
  return (
    <section className="timeline" aria-labelledby="timeline-title">
      <h2 id="timeline-title">What happened, as the log has it</h2>
      <ol data-testid="order-timeline">
        {events.map((each) => (
          <li key={placeOf(each)} data-type={each.event.type}>
            <time dateTime={new Date(each.landedAt).toISOString()}>{clock(each.landedAt)}</time>
            <span className={`writer writer-${writerOf(each)}`}>{writerOf(each)}</span>
            <span>
              {sentenceOf(each) || each.event.type}
              <span className="quiet">
                {' '}
                {each === first ? 'at' : `${span(each.landedAt - first.landedAt)} later, at`}{' '}
                {placeOf(each)}
              </span>
            </span>
          </li>
        ))}
      </ol>
    </section>
  );
}

function clock(ms: number): string {
  return new Date(ms).toLocaleTimeString('en-IE', { hour12: false });
}
