import type { z } from 'zod';
import type { NewEvent } from '#contracts/contract';
import { firstReleaseOf } from '#contracts/releases';
import { CouponOffered, ModelPromoted, OfferExpired, OfferWithheld } from '#contracts/visitors';
import { processor } from '#log/processor';
import type { Decision } from '#log/processor';
import { released } from '#log/released';
import { idleSecondsToThreshold, Model, scoreOf } from './model.ts';
import type { Features } from './model.ts';
import { couponCode, isInControlGroup } from './policy.ts';
import { CAPS, isCartEmpty, VISIT_MS, visitEvents } from './visit.ts';
import type { Visit, VisitEvent } from './visit.ts';

/** What one release of cart abandonment does its own way. */
export interface Recipe<V extends Visit> {
  release: string;
  /** The consumer group. */
  name: string;
  /** Codec of what is kept of a visit. */
  visit: z.ZodType<V>;
  begin(at: number): V;
  follow(visit: V, event: VisitEvent): V;
  featuresOf(visit: V, at: number): Features;
  /** The model that it scores with, while this one is in force. */
  modelOf(promoted: Model): Model;
  /** Is there nothing to decide in this visit any more? */
  isAnswered(visit: V): boolean;
  /** The visit, now that it is decided. */
  answered(visit: V): V;
}

/** Cart abandonment: scores each visit and offers a coupon while the visitor is still there. */
export function abandonmentBy<V extends Visit>(recipe: Recipe<V>) {
  const { name, release, visit: state, begin, follow } = recipe;
  const decide = (visit: V, visitorId: string, at: number, model: Model | null) =>
    decideBy(recipe, visit, visitorId, at, model && recipe.modelOf(model));
  const declared = processor({
    name,
    version: 1,
    reads: [...visitEvents, ModelPromoted],
    appends: [CouponOffered, OfferWithheld, OfferExpired],
    state,
    initial: null,
    shared: Model,
    share: (model, event) => (event.type === ModelPromoted.type ? event.data : model!),
    on(visit, event, model) {
      if (event.type === ModelPromoted.type) return; // A broadcast: it came through `share`.
      return decide(follow(visit ?? begin(event.time), event), event.key!, event.time, model);
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
      const kept = { ...begin(lastSeenAt), offer: rest.offer };
      return { state: kept, append: expired, wakeAt: rest.offer.expiresAt };
    },
  });
  return released(declared, { application: 'feedback', release });
}

function decideBy<V extends Visit>(
  recipe: Recipe<V>,
  visit: V,
  visitorId: string,
  at: number,
  model: Model | null,
): Decision<V> {
  const { offer } = visit;
  const endsAt = visit.lastSeenAt + VISIT_MS;
  const nextAt = offer?.open ? Math.min(endsAt, offer.expiresAt) : endsAt;
  const isDecided = recipe.isAnswered(visit) || visit.optedOut || isCartEmpty(visit);
  if (!model || isDecided) return { state: visit, wakeAt: nextAt };
  const features = recipe.featuresOf(visit, at);
  const score = scoreOf(model, features);
  if (score >= model.threshold) {
    const by = { features, score, model: model.model, ...releaseOf(recipe) };
    return {
      state: recipe.answered(visit),
      append: [answerTo(visit, visitorId, at, model, by)],
      wakeAt: nextAt,
    };
  }
  // Nobody sends an event for standing still, so hesitation is a timer.
  const seconds = idleSecondsToThreshold(model, features, CAPS.idleSeconds);
  const hesitatesAt = seconds === null ? endsAt : visit.lastActionAt + seconds * 1000;
  return { state: visit, wakeAt: Math.min(nextAt, hesitatesAt) };
}

interface Decided {
  features: Features;
  score: number;
  model: string;
  release?: string;
}

/** The first release says nothing: when it began there was no other. */
function releaseOf({ release }: { release: string }): { release?: string } {
  return release === firstReleaseOf('feedback') ? {} : { release };
}

function answerTo(
  visit: Visit,
  visitorId: string,
  at: number,
  model: Model,
  decided: Decided,
): NewEvent {
  const withheld = (reason: 'already answered' | 'control group') =>
    OfferWithheld({ visitorId, reason, ...decided });
  if (visit.offer || visit.withheld) return withheld('already answered');
  if (isInControlGroup(visitorId)) return withheld('control group');
  const { percent, validForMs } = model.offer;
  const code = couponCode(visitorId, at, percent);
  return CouponOffered({ visitorId, code, percent, expiresAt: at + validForMs, ...decided });
}
