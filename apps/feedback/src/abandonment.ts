import type { NewEvent } from '#contracts/contract';
import { CouponOffered, ModelPromoted, OfferExpired, OfferWithheld } from '#contracts/visitors';
import { processor } from '#log/processor';
import type { Decision } from '#log/processor';
import { idleSecondsToThreshold, Model, scoreOf } from './model.ts';
import type { Features } from './model.ts';
import { couponCode, isInControlGroup } from './policy.ts';
import { beginVisit, CAPS, featuresOf, follow, isCartEmpty } from './visit.ts';
import { Visit, VISIT_MS, visitEvents } from './visit.ts';

/** Cart abandonment: scores each visit and offers a coupon while the visitor is still there. */
export const abandonment = processor({
  name: 'feedback.abandonment',
  version: 1,
  reads: [...visitEvents, ModelPromoted],
  appends: [CouponOffered, OfferWithheld, OfferExpired],
  state: Visit,
  initial: null,
  shared: Model,
  share: (model, event) => (event.type === ModelPromoted.type ? event.data : model!),
  on(visit, event, model) {
    if (event.type === ModelPromoted.type) return; // A broadcast: it came through `share`.
    return decide(follow(visit ?? beginVisit(event.time), event), event.key!, event.time, model);
  },
  wake(visit, at, visitorId, model) {
    const { offer, lastSeenAt } = visit;
    const isExpired = offer?.open && at >= offer.expiresAt;
    const expired = isExpired ? [OfferExpired({ visitorId, code: offer.code })] : [];
    const rest = isExpired ? { ...visit, offer: { ...offer, open: false } } : visit;
    if (at < lastSeenAt + VISIT_MS) {
      const { append = [], ...decision } = decide(rest, visitorId, at, model);
      return { ...decision, append: [...expired, ...append] };
    }
    if (!rest.offer?.open) return { state: null, append: expired };
    const kept = { ...beginVisit(lastSeenAt), offer: rest.offer };
    return { state: kept, append: expired, wakeAt: rest.offer.expiresAt };
  },
});

function decide(visit: Visit, visitorId: string, at: number, model: Model | null): Decision<Visit> {
  const { offer } = visit;
  const endsAt = visit.lastSeenAt + VISIT_MS;
  const nextAt = offer?.open ? Math.min(endsAt, offer.expiresAt) : endsAt;
  if (!model || !isUndecided(visit)) return { state: visit, wakeAt: nextAt };
  const features = featuresOf(visit, at);
  const score = scoreOf(model, features);
  if (score >= model.threshold) {
    const answer = answerTo(visitorId, at, model, { features, score, model: model.model });
    return { state: { ...visit, asked: true }, append: [answer], wakeAt: nextAt };
  }
  // Nobody sends an event for standing still, so hesitation is a timer.
  const seconds = idleSecondsToThreshold(model, features, CAPS.idleSeconds);
  const hesitatesAt = seconds === null ? endsAt : visit.lastActionAt + seconds * 1000;
  return { state: visit, wakeAt: Math.min(nextAt, hesitatesAt) };
}

/**
 * One offer a visit, and what counts is the offer on the log: it is noted when CouponOffered is read
 * back, not when it is asked for. A version that runs beside the one in force asks too, but its
 * events stay in its shadow; were it to count them, it would differ from what visitors got.
 * Between the two moments other events of the visitor may be read, as they were appended first:
 * `asked` keeps them from asking again.
 */
function isUndecided(visit: Visit): boolean {
  const isAnswered = visit.asked || visit.offer !== null || visit.withheld;
  return !isAnswered && !visit.optedOut && !isCartEmpty(visit);
}

function answerTo(
  visitorId: string,
  at: number,
  model: Model,
  decided: { features: Features; score: number; model: string },
): NewEvent {
  if (isInControlGroup(visitorId)) {
    return OfferWithheld({ visitorId, reason: 'control group', ...decided });
  }
  const { percent, validForMs } = model.offer;
  const code = couponCode(visitorId, at, percent);
  return CouponOffered({ visitorId, code, percent, expiresAt: at + validForMs, ...decided });
}
