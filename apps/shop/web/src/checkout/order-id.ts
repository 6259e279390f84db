import type { Order } from '../api.ts';

const KEY = 'streamside.checkout';

/**
 * The id of the order this form will become. It is made once and kept until the shop has answered,
 * so that a second click, a reload or a lost answer does not order twice.
 */
export function orderIdOfForm(orders: readonly Pick<Order, 'orderId'>[]): string {
  const kept = sessionStorage.getItem(KEY);
  if (kept !== null && !orders.some((order) => order.orderId === kept)) return kept;
  const made = newId();
  sessionStorage.setItem(KEY, made);
  return made;
}

/** The shop has the order: the next form is another one. */
export function answered(orderId: string): void {
  if (sessionStorage.getItem(KEY) === orderId) sessionStorage.removeItem(KEY);
}

/** A UUID v4. `crypto.randomUUID` is only there over https and on localhost; this is everywhere. */
function newId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  bytes[6] = (bytes[6]! & 0x0f) | 0x40;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
