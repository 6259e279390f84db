import { hash } from 'node:crypto';

/** A UUID that is the same for the same words: those of a live system are random. */
export function uuidOf(...words: (string | number)[]): string {
  const hex = hash('sha256', words.join('/'));
  const variant = ((parseInt(hex[16]!, 16) & 3) | 8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
