import { BadRequestException } from '@nestjs/common';
import type { z } from 'zod';
import { issuesOf } from '#contracts/contract';

/** Validates what a caller sent. Throws a 400 that names the field and what it must be. */
export function valid<T extends z.ZodType>(schema: T, input: unknown): z.output<T> {
  const result = schema.safeParse(input ?? {});
  if (result.success) return result.data;
  const [first, ...rest] = issuesOf(result.error);
  const more = rest.map(({ field, message }) => `; ${field}: ${message}`).join('');
  throw new BadRequestException({
    error: `${first!.field}: ${first!.message}${more}`,
    field: first!.field,
  });
}
