import type { Cart, Me, Offer } from '../api.ts';

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

/** What the coupon is for, by name: the dearest thing, and how many more. */
export function thingsIn({ lines }: Pick<Cart, 'lines'>): string {
  const [dearest, ...others] = lines.toSorted((a, b) => worth(b) - worth(a));
  if (!dearest) return '';
  if (others.length === 0) return dearest.name;
  return `${dearest.name} and ${others.length === 1 ? 'one more thing' : `${others.length} more things`}`;
}

const worth = ({ quantity, unitPrice }: Cart['lines'][number]) => quantity * unitPrice.cents;

/** `4:05` of minutes and seconds, `0:00` when it is over. */
export function timeLeft(ms: number): string {
  const seconds = Math.max(0, Math.ceil(ms / 1000));
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
}
