import { z } from 'zod';

/** Text that PostgreSQL can keep: no U+0000, and a limit on everything that could grow. */
export const text = (max: number) =>
  z
    .string()
    .max(max)
    .regex(/^[^\u0000]*$/, 'must not contain the character U+0000');

export const VisitorId = z
  .string()
  .regex(/^[A-Za-z0-9-]{8,64}$/, 'must be 8 to 64 letters, digits or hyphens');
export const OrderId = z
  .string()
  .regex(/^[A-Za-z0-9-]{8,64}$/, 'must be 8 to 64 letters, digits or hyphens');
export const Sku = z
  .string()
  .regex(/^[A-Z0-9][A-Z0-9-]{1,31}$/, 'must be 2 to 32 capital letters, digits or hyphens');
export const CouponCode = z
  .string()
  .regex(/^[A-Z0-9-]{4,32}$/, 'must be 4 to 32 capital letters, digits or hyphens');
export const Quantity = z.int().positive().max(1_000_000);
/** Minor units and currency: EUR 12.99 is `{ cents: 1299, currency: 'EUR' }`. */
export const Money = z.object({ cents: z.int().min(0), currency: z.enum(['EUR']) });
export type Money = z.output<typeof Money>;
/** Milliseconds since 1970. */
export const Instant = z.int().min(0);
/** A share between 0 and 1. */
export const Share = z.number().min(0).max(1);
