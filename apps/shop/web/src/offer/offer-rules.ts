import type { Me, Offer } from '../api.ts';

/** The offer to show now, if any: still good, not turned down, and there is a cart. */
export function offerToShow(
  me: Pick<Me, 'offer' | 'cart'> | null,
  dismissed: ReadonlySet<string>,
  now: number,
): Offer | null {
  const offer = me?.offer;
  if (!offer || dismissed.has(offer.code) || offer.expiresAt <= now) return null;
  if (me.cart.lines.length === 0 || me.cart.coupon?.code === offer.code) return null;
  return offer;
}

/** `4:05` of minutes and seconds, `0:00` when it is over. */
export function timeLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
