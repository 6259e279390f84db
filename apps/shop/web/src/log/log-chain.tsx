import { useLayoutEffect, useMemo, useRef, useState } from 'react';
import { couponBehind, momentsOf } from './chain.ts';
import type { Link, Moment } from './chain.ts';
import { EventDetails } from './event-details.tsx';
import { placeOf, writerOf } from './story.ts';
import type { Landed } from './story.ts';
import { lagOf, sentenceOf, span, verdictOf } from './words.ts';

/** What led to what: each thing that happened, and under it what services made of it. */
export function LogChain({ events }: { events: readonly Landed[] }) {
  const moments = useMemo(() => momentsOf(events), [events]);
  const scroll = useNewestInSight(events);
  return (
    <ol ref={scroll} className="log-scroll log-chain" data-testid="log-chain">
      {moments.map((moment) => (
        <MomentItem key={moment.id} moment={moment} events={events} />
      ))}
    </ol>
  );
}

function MomentItem({ moment, events }: { moment: Moment; events: readonly Landed[] }) {
  const { links } = moment;
  // Of what a checkout says at once, the order is what matters to whoever reads.
  const main = links.find(({ landed }) => landed.topic === 'orders') ?? links[0]!;
  return (
    <li className="moment" data-testid="log-moment">
      <h3>{sentenceOf(main.landed) || main.landed.event.type}</h3>
      <Links links={links} events={events} main={main} />
    </li>
  );
}

interface LinksProps {
  links: readonly Link[];
  events: readonly Landed[];
  main?: Link;
}

function Links({ links, events, main }: LinksProps) {
  return (
    <ul className="links">
      {links.map((link) => (
        <LinkItem key={placeOf(link.landed)} link={link} events={events} isTold={link === main} />
      ))}
    </ul>
  );
}

/** `isTold`: its sentence stands above already. */
function LinkItem(props: { link: Link; events: readonly Landed[]; isTold: boolean }) {
  const { link, events, isTold } = props;
  const { landed, cause, alike, effects } = link;
  const [open, setOpen] = useState(false);
  const writer = writerOf(landed);
  const verdict = verdictOf(landed, events);
  const coupon = couponBehind(landed, events);
  return (
    <li className="link" data-testid="log-link" data-type={landed.event.type}>
      <button
        type="button"
        className="link-event"
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        <span className={`writer writer-${writer}`}>{writer}</span>{' '}
        {cause ? 'read it and wrote' : 'wrote'} <strong>{landed.event.type}</strong>
        {alike > 1 && <span className="link-alike"> ×{alike}</span>}
        <span className="link-where">
          <code>{placeOf(landed)}</code> ·{' '}
          {cause
            ? `${span(landed.landedAt - cause.landedAt)} after its cause`
            : `${span(lagOf(landed))} from door to log`}
        </span>
        {!isTold && <span className="link-sentence">{sentenceOf(landed)}</span>}
        {coupon && (
          <span className="link-sentence" data-testid="log-coupon">
            The shop had read the coupon at <code>{placeOf(coupon)}</code>
          </span>
        )}
        {verdict && (
          <span className="verdict" data-testid="log-verdict">
            <span className="verdict-score">Score {verdict.score}</span>
            <span>It saw {verdict.saw.join(', ')}.</span>
            <span className="quiet">Model {verdict.model}</span>
          </span>
        )}
      </button>
      {open && <EventDetails landed={landed} />}
      {effects.length > 0 && <Links links={effects} events={events} />}
    </li>
  );
}

/** Whoever is at the end stays at the end when more lands; whoever reads further up stays there. */
function useNewestInSight(events: readonly Landed[]) {
  const scroll = useRef<HTMLOListElement>(null);
  const isAtEnd = useRef(true);
  useLayoutEffect(() => {
    const element = scroll.current!;
    if (isAtEnd.current) element.scrollTop = element.scrollHeight;
    const onScroll = () => {
      isAtEnd.current = element.scrollHeight - element.scrollTop - element.clientHeight < NEAR_PX;
    };
    element.addEventListener('scroll', onScroll);
    return () => element.removeEventListener('scroll', onScroll);
  }, [events]);
  return scroll;
}

const NEAR_PX = 80;
